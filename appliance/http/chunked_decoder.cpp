// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/chunked_decoder.h"

#include "appliance/http/characters.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr unsigned kMaxSizeDigits = 16;
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 62;
constexpr std::uint32_t kMaxExtension = 256;
constexpr std::uint32_t kMaxTrailers = 8 * 1024;

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkedDecoder::Result ChunkedDecoder::next(std::string_view& input, std::string_view& data) {
  for (;;) {
    if (state_ == State::Done) return Result::Done;
    if (state_ == State::Bad) return Result::Bad;
    if (input.empty()) return Result::NeedMore;
    if (state_ == State::Data) {
      data =
          input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
      input.remove_prefix(data.size());
      left_ -= data.size();
      if (left_ == 0) state_ = State::DataCr;
      return Result::Data;
    }
    state_ = step(input.front());
    input.remove_prefix(1);
  }
}

ChunkedDecoder::State ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::Size: {
      if (const int digit = hexValue(c); digit >= 0) {
        if (++digits_ > kMaxSizeDigits) return State::Bad;
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        return State::Size;
      }
      if (digits_ == 0 || left_ > kMaxChunk) return State::Bad;
      digits_ = 0;
      skipped_ = 0;
      if (c == '\r') return State::SizeLf;
      return c == ';' ? State::Extension : State::Bad;
    }
    case State::Extension:
      if (c == '\r') return State::SizeLf;
      return isOf(c, kValueChar) && ++skipped_ <= kMaxExtension ? State::Extension : State::Bad;
    case State::SizeLf:
      if (c != '\n') return State::Bad;
      if (left_ > 0) return State::Data;
      skipped_ = 0;
      return State::TrailerStart;
    case State::DataCr:
      return c == '\r' ? State::DataLf : State::Bad;
    case State::DataLf:
      return c == '\n' ? State::Size : State::Bad;
    case State::TrailerStart:
      if (c == '\r') return State::LastLf;
      return isOf(c, kTokenChar) && ++skipped_ <= kMaxTrailers ? State::Trailer : State::Bad;
    case State::Trailer:
      if (c == '\r') return State::TrailerLf;
      return isOf(c, kValueChar) && ++skipped_ <= kMaxTrailers ? State::Trailer : State::Bad;
    case State::TrailerLf:
      return c == '\n' ? State::TrailerStart : State::Bad;
    case State::LastLf:
      return c == '\n' ? State::Done : State::Bad;
    case State::Data:
    case State::Done:
    case State::Bad:
      break;
  }
  return State::Bad;
}

}  // namespace coffer::http
