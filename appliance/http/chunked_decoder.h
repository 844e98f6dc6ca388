// SPDX-License-Identifier: BSD-2-Clause
//
// The chunked transfer coding (RFC 9112 section 7.1), strict and incremental: at most 16 digits of
// size, CRLF only, extensions skipped within a bound, trailers read within a bound and discarded.
// Pure; tests/fuzz runs it under the sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer::http {

class ChunkedDecoder {
 public:
  enum class Result {
    Data,      // `data` is the next piece of the body.
    NeedMore,  // All of the input has been taken.
    Done,      // The body and its trailers have ended; what is left in the input follows it.
    Bad,       // Not the chunked coding. The decoder stays in this state.
  };

  // Takes bytes off the front of `input`. `data` points into it.
  Result next(std::string_view& input, std::string_view& data);

 private:
  enum class State : std::uint8_t {
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
    Bad,
  };

  State step(char c);

  State state_ = State::Size;
  std::uint8_t digits_ = 0;
  std::uint32_t skipped_ = 0;  // Bytes of this extension, or of all trailers.
  std::uint64_t left_ = 0;     // Of this chunk's data.
};

}  // namespace coffer::http
