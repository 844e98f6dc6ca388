// SPDX-License-Identifier: BSD-2-Clause
//
// The head of a request: found the same wherever it is cut, and what is accepted is unambiguous.
#include "appliance/http/head_parser.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>

using namespace coffer;
using fuzz::require;

namespace {

bool isVisible(char c) { return c > ' ' && c < 0x7F; }

void checkAccepted(const http::Head& head) {
  require(!head.target.empty() && std::all_of(head.target.begin(), head.target.end(), isVisible));
  require(head.target.find('#') == std::string::npos);
  int lengths = 0;
  int codings = 0;
  for (const http::HeaderField& field : head.fields) {
    require(!field.name.empty() && std::all_of(field.name.begin(), field.name.end(), isVisible));
    for (const char c : field.value) require(c == '\t' || (c >= ' ' && c < 0x7F));
    std::string name = field.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    lengths += name == "content-length";
    codings += name == "transfer-encoding";
  }
  require(lengths + codings <= 1);
  require(head.contentLength.has_value() == (codings == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::textOf(data, size);
  http::HeadScanner whole;
  const auto result = whole.scan(input);

  // A byte at a time finds the same end; it may only notice a malformed head earlier.
  http::HeadScanner dripping;
  auto dripped = http::HeadScanner::Result::Incomplete;
  for (std::size_t n = 1; n <= size && dripped == http::HeadScanner::Result::Incomplete; ++n) {
    dripped = dripping.scan(input.substr(0, n));
  }
  if (size > 0) require(dripped == result);
  if (result != http::HeadScanner::Result::Complete) return 0;
  require(whole.end() == dripping.end() && whole.end() <= size);

  const auto parsed = http::parseHead(input.substr(0, whole.end()), {});
  if (const auto* head = std::get_if<http::Head>(&parsed)) checkAccepted(*head);
  if (const auto* error = std::get_if<http::HeadError>(&parsed)) {
    require(error->status >= 400 && error->status <= 505);
  }
  return 0;
}
