// SPDX-License-Identifier: BSD-2-Clause
//
// EncStrings, and the converter of member names, which must not care where its input is cut.
#include "services/vault/casing.h"
#include "services/vault/encstring.h"
#include "tests/fuzz/fuzz_input.h"

#include <string>

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::textOf(data, size);
  if (vault::isEncString(input)) fuzz::require(vault::hasEncStringForm(input));

  vault::PascalCaser caser;
  std::string dripped;
  for (std::size_t i = 0; i < size; ++i) caser.feed(input.substr(i, 1), dripped);
  caser.finish(dripped);
  fuzz::require(dripped == vault::toPascalCase(input));
  fuzz::require(dripped.size() == size);
  return 0;
}
