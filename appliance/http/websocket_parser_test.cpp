// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_parser.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace coffer::http;
using Kind = WebSocketParser::Kind;

namespace {

constexpr std::size_t kLimit = 300;

// A client's frame: masked.
std::string frame(unsigned first, std::string_view payload) {
  constexpr std::string_view mask = "\x37\xfa\x21\x3d";
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80U | payload.size()));
  } else {
    out += {static_cast<char>(0x80U | 126U), static_cast<char>(payload.size() >> 8U),
            static_cast<char>(payload.size() & 0xffU)};
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  }
  return out;
}

struct Seen {
  Kind kind;
  std::string payload;
  unsigned code;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> parse(std::string_view bytes, std::size_t step) {
  WebSocketParser parser(kLimit);
  std::vector<Seen> seen;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto event = parser.next(piece);
      if (event.kind == Kind::NeedMore) break;
      seen.push_back({event.kind, std::string(event.payload), event.code});
      if (event.kind == Kind::Bad) return seen;
    }
  }
  return seen;
}

}  // namespace

namespace doctest {
template <>
struct StringMaker<Seen> {
  static String convert(const Seen& seen) {
    return (std::to_string(static_cast<int>(seen.kind)) + " " + seen.payload + " " +
            std::to_string(seen.code))
        .c_str();
  }
};
}  // namespace doctest

TEST_CASE("messages come out whole, however they were cut") {
  const std::string longText(kLimit, 'x');
  const std::string bytes = frame(0x81, "hello") + frame(0x82, std::string_view("\0\x91\x06", 3)) +
                            frame(0x81, "") + frame(0x01, "one ") + frame(0x89, "ping between") +
                            frame(0x00, "two ") + frame(0x80, "three") + frame(0x81, longText) +
                            frame(0x8a, "") + frame(0x81, "\xc3\xa4") + frame(0x01, "\xc3") +
                            frame(0x80, "\xa4") +
                            frame(0x88,
                                  "\x03\xe9"
                                  "bye");
  const std::vector<Seen> expected = {
      {Kind::Text, "hello", 0},
      {Kind::Binary, std::string("\0\x91\x06", 3), 0},
      {Kind::Text, "", 0},
      {Kind::Ping, "ping between", 0},
      {Kind::Text, "one two three", 0},
      {Kind::Text, longText, 0},
      {Kind::Pong, "", 0},
      {Kind::Text, "\xc3\xa4", 0},
      {Kind::Text, "\xc3\xa4", 0},
      {Kind::Close, "bye", 1001},
  };
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                 std::size_t{100}, bytes.size()}) {
    CAPTURE(step);
    CHECK(parse(bytes, step) == expected);
  }
}

TEST_CASE("what breaks RFC 6455 is refused with the code that it names") {
  const std::string control(126, 'c');
  const std::string length64 = {'\x82', '\xff', 0, 0, 0, 0, 0, 1, 0, 0, 'm', 'a', 's', 'k'};
  const struct {
    const char* what;
    std::string bytes;
    unsigned code;
  } rows[] = {
      {"not masked", {'\x81', '\x01', 'x'}, 1002},
      {"a reserved bit", frame(0xc1, "x"), 1002},
      {"a reserved opcode", frame(0x83, "x"), 1002},
      {"a reserved control opcode", frame(0x8b, "x"), 1002},
      {"a control frame in parts", frame(0x09, "x"), 1002},
      {"a long control frame", frame(0x89, control), 1002},
      {"a continuation of nothing", frame(0x80, "x"), 1002},
      {"a message within another", frame(0x01, "x") + frame(0x81, "y"), 1002},
      {"16 bits for a short length", {'\x82', '\xfe', 0, 125, 'm', 'a', 's', 'k'}, 1002},
      {"64 bits for a short length",
       {'\x82', '\xff', 0, 0, 0, 0, 0, 0, '\xff', '\xff', 'm', 'a', 's', 'k'},
       1002},
      {"a negative length",
       {'\x82', '\xff', '\x80', 0, 0, 0, 0, 1, 0, 0, 'm', 'a', 's', 'k'},
       1002},
      {"too long", frame(0x82, std::string(kLimit + 1, 'x')), 1009},
      {"too long by its head alone", length64, 1009},
      {"too long in two parts", frame(0x02, std::string(kLimit, 'x')) + frame(0x80, "y"), 1009},
      {"no UTF-8", frame(0x81, "\xc0\x80"), 1007},
      {"a character cut short", frame(0x81, "\xc3"), 1007},
      {"half a close code", frame(0x88, "\x03"), 1002},
      {"a code below 1000", frame(0x88, "\x03\xe7"), 1002},
      {"a code that says there was none", frame(0x88, "\x03\xed"), 1002},
      {"a code of nobody", frame(0x88, "\x07\xd0"), 1002},
      {"a reason that is no UTF-8", frame(0x88, "\x03\xe8\xff"), 1007},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    for (const std::size_t step : {std::size_t{1}, row.bytes.size()}) {
      const auto seen = parse(row.bytes, step);
      REQUIRE(seen.size() == 1);
      CHECK(seen.front().kind == Kind::Bad);
      CHECK(seen.front().code == row.code);
    }
  }
}

TEST_CASE("a close without a code counts as an ordinary one") {
  CHECK(parse(frame(0x88, ""), 1) == std::vector<Seen>{{Kind::Close, "", 1000}});
}

TEST_CASE("after a fault nothing is read") {
  WebSocketParser parser(kLimit);
  const std::string bytes = frame(0x83, "x") + frame(0x81, "hello");
  std::string_view input = bytes;
  CHECK(parser.next(input).kind == Kind::Bad);
  const auto left = input.size();
  CHECK(parser.next(input).kind == Kind::Bad);
  CHECK(input.size() == left);
}

TEST_CASE("the server's frames use the shortest length there is") {
  CHECK(encodeFrame(Opcode::Text, "hi") == "\x81\x02hi");
  CHECK(encodeFrame(Opcode::Binary, std::string(125, 'x')).substr(0, 2) == "\x82\x7d");
  CHECK(encodeFrame(Opcode::Binary, std::string(126, 'x')).substr(0, 4) ==
        std::string("\x82\x7e\0\x7e", 4));
  CHECK(encodeFrame(Opcode::Binary, std::string(65536, 'x')).substr(0, 10) ==
        std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
  CHECK(encodeCloseFrame(1001) == "\x88\x02\x03\xe9");
}
