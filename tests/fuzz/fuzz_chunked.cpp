// SPDX-License-Identifier: BSD-2-Clause
//
// The chunked coding: the same body, end and verdict whether it comes at once or a byte at a time.
#include "appliance/http/chunked_decoder.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <string>

using namespace coffer;
using fuzz::require;

namespace {

struct Outcome {
  std::string body;
  std::size_t used = 0;
  http::ChunkedDecoder::Result last = http::ChunkedDecoder::Result::NeedMore;
};

Outcome decode(std::string_view input, std::size_t step) {
  using Result = http::ChunkedDecoder::Result;
  Outcome outcome;
  http::ChunkedDecoder decoder;
  while (outcome.used < input.size()) {
    std::string_view piece = input.substr(outcome.used, step);
    const std::size_t before = piece.size();
    std::string_view data;
    outcome.last = decoder.next(piece, data);
    outcome.used += before - piece.size();
    if (outcome.last == Result::Data) outcome.body += data;
    if (outcome.last == Result::Done || outcome.last == Result::Bad) break;
    // Nothing taken and nothing given would never end.
    require(outcome.last == Result::Data || piece.empty());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Result = http::ChunkedDecoder::Result;
  const std::string_view input = fuzz::textOf(data, size);
  const Outcome whole = decode(input, std::max<std::size_t>(size, 1));
  const Outcome dripped = decode(input, 1);
  require(whole.body == dripped.body);
  require(whole.body.size() <= size);
  require((whole.last == Result::Done) == (dripped.last == Result::Done));
  require((whole.last == Result::Bad) == (dripped.last == Result::Bad));
  if (whole.last == Result::Done) require(whole.used == dripped.used);
  return 0;
}
