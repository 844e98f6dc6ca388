// SPDX-License-Identifier: BSD-2-Clause
//
// A web page that is searched for icons: whatever it says, only http and https addresses and images
// in the page itself come out, best first.
#include "services/vault/icons/icon_candidates.h"
#include "services/vault/icons/icon_image.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto page = outbound::parseUrl("https://example.org/deep/page?q").value();
  const auto icons = vault::iconsOfPage(fuzz::textOf(data, size), page);
  fuzz::require(icons.size() >= 2 && icons.size() <= 202);
  fuzz::require(std::is_sorted(icons.begin(), icons.end(), [](const auto& a, const auto& b) {
    return a.priority < b.priority;
  }));
  for (const auto& icon : icons) {
    if (outbound::parseUrl(icon.url)) continue;
    fuzz::require(icon.url.size() >= 10);
    static_cast<void>(vault::imageTypeOf(vault::imageInDataUrl(icon.url)));
  }
  return 0;
}
