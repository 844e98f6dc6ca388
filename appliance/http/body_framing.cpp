// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/body_framing.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr std::size_t kChunkedRead = 64 * 1024;

}  // namespace

BodyFraming::Result BodyFraming::next(std::string_view& input, std::string_view& piece) {
  if (complete_) return Result::Complete;
  if (bad_) return Result::Bad;
  if (!chunked_) {
    if (input.empty()) return Result::NeedMore;
    piece = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
    input.remove_prefix(piece.size());
    left_ -= piece.size();
    complete_ = left_ == 0;
    return Result::Piece;
  }
  switch (decoder_.next(input, piece)) {
    case ChunkedDecoder::Result::Data:
      return Result::Piece;
    case ChunkedDecoder::Result::NeedMore:
      return Result::NeedMore;
    case ChunkedDecoder::Result::Done:
      complete_ = true;
      return Result::Complete;
    case ChunkedDecoder::Result::Bad:
      break;
  }
  bad_ = true;
  return Result::Bad;
}

std::optional<std::uint64_t> BodyFraming::outstanding() const {
  if (complete_) return 0;
  if (chunked_) return std::nullopt;
  return left_;
}

std::size_t BodyFraming::readSize(std::size_t most) const {
  if (chunked_) return std::min(most, kChunkedRead);
  return static_cast<std::size_t>(std::min<std::uint64_t>(left_, most));
}

}  // namespace coffer::http
