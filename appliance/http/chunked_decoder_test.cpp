// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/chunked_decoder.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using coffer::http::ChunkedDecoder;

namespace {

struct Decoded {
  ChunkedDecoder::Result result = ChunkedDecoder::Result::NeedMore;
  std::string body;
  std::string rest;
};

// Feeds the text in pieces of `step` bytes.
Decoded decode(const std::string& text, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded out;
  std::size_t offset = 0;
  std::string_view input;
  for (;;) {
    std::string_view data;
    out.result = decoder.next(input, data);
    if (out.result == ChunkedDecoder::Result::Data) {
      out.body += data;
      continue;
    }
    if (out.result == ChunkedDecoder::Result::NeedMore && offset < text.size()) {
      input = std::string_view(text).substr(offset, step);
      offset += input.size();
      continue;
    }
    out.rest = std::string(input) + text.substr(offset);
    return out;
  }
}

}  // namespace

TEST_CASE("chunks are put together however the bytes arrive, and what follows is left") {
  const std::vector<std::pair<std::string, std::string>> good{
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
      {"0000000000000003\r\nabc\r\n0\r\n\r\n", "abc"},
      {"3;name=value;other=\"q\"\r\nabc\r\n0;last\r\n\r\n", "abc"},
      {"3\r\n\r\n\n\r\n0\r\n\r\n", "\r\n\n"},
      {"3\r\nabc\r\n0\r\nX-Trailer: one\r\nY: two\r\n\r\n", "abc"},
  };
  for (const auto& row : good) {
    const auto& text = row.first;
    const auto& body = row.second;
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, text.size()}) {
      CAPTURE(text);
      CAPTURE(step);
      const Decoded decoded = decode(text + "GET /next", step);
      CHECK(decoded.result == ChunkedDecoder::Result::Done);
      CHECK(decoded.body == body);
      CHECK(decoded.rest == "GET /next");
    }
  }
}

TEST_CASE("anything else is refused, not guessed at") {
  using namespace std::string_literals;
  const std::vector<std::string> bad{
      "\r\n",
      "z\r\nhello\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "-1\r\n",
      "+5\r\nhello\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhelloX\r\n0\r\n\r\n",
      "5\r\r\nhello",
      "00000000000000005\r\nhello\r\n0\r\n\r\n",
      "FFFFFFFFFFFFFFFF\r\n",
      "4000000000000001\r\n",
      ";ext\r\n",
      "5;a\x01\r\nhello\r\n",
      "5;a\nhello\r\n",
      "5;" + std::string(257, 'x') + "\r\nhello\r\n0\r\n\r\n",
      "0\r\n\n",
      "0\r\n\rX",
      "0\r\n bad trailer\r\n\r\n",
      "0\r\nX: \x80\r\n\r\n",
      "0\r\nX: a\0\r\n\r\n"s,
      "0\r\nX: " + std::string(9000, 'x') + "\r\n\r\n",
  };
  for (const auto& text : bad) {
    for (const std::size_t step : {std::size_t{1}, text.size()}) {
      CAPTURE(text);
      CHECK(decode(text, step).result == ChunkedDecoder::Result::Bad);
    }
  }
}

TEST_CASE("an end that has not come is waited for") {
  const std::string whole = "5;x\r\nhello\r\n0\r\nT: v\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(decode(whole.substr(0, size), 1).result == ChunkedDecoder::Result::NeedMore);
  }
}
