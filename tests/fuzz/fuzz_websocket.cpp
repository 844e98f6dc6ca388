// SPDX-License-Identifier: BSD-2-Clause
//
// What a client sends over a WebSocket: the same messages and the same verdict whether it comes at
// once or a byte at a time, and never more held than a message may have.
#include "appliance/base/bytes.h"
#include "appliance/http/websocket_parser.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace coffer;
using fuzz::require;

namespace {

constexpr std::size_t kMaxMessage = 64;

struct Seen {
  http::WebSocketParser::Kind kind;
  std::string payload;
  std::uint16_t code;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> parse(std::string_view input, std::size_t step) {
  using Kind = http::WebSocketParser::Kind;
  http::WebSocketParser parser(kMaxMessage);
  std::vector<Seen> seen;
  while (!input.empty()) {
    std::string_view piece = input.substr(0, step);
    input.remove_prefix(piece.size());
    for (;;) {
      const std::size_t before = piece.size();
      const auto event = parser.next(piece);
      if (event.kind == Kind::NeedMore) {
        require(piece.empty());
        break;
      }
      require(piece.size() < before || event.kind == Kind::Bad);
      require(event.payload.size() <=
              (event.kind <= Kind::Binary ? kMaxMessage : http::kMaxControlPayload));
      if (event.kind == Kind::Text) require(isUtf8(event.payload));
      seen.push_back({event.kind, std::string(event.payload), event.code});
      if (event.kind == Kind::Bad) return seen;
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::textOf(data, size);
  const auto whole = parse(input, std::max<std::size_t>(size, 1));
  require(whole == parse(input, 1));
  require(whole == parse(input, 7));
  return 0;
}
