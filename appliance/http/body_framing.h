// SPDX-License-Identifier: BSD-2-Clause
//
// Where a request's body ends: after a known length, or where the chunked coding says.
#pragma once

#include "appliance/http/chunked_decoder.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::http {

class BodyFraming {
 public:
  BodyFraming() = default;  // No body.
  // Nothing: chunked.
  explicit BodyFraming(std::optional<std::uint64_t> length)
      : chunked_(!length), complete_(length == std::uint64_t{0}), left_(length.value_or(0)) {}

  enum class Result { Piece, NeedMore, Complete, Bad };
  // Takes the next piece of the body off the front of `input`; what remains after Complete is the
  // next request's.
  Result next(std::string_view& input, std::string_view& piece);

  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] bool bad() const { return bad_; }
  // Bytes still to come; nothing when only the end will tell.
  std::optional<std::uint64_t> outstanding() const;
  // How much to ask the socket for, so that little of a next request is read along.
  std::size_t readSize(std::size_t most) const;

 private:
  bool chunked_ = false;
  bool complete_ = true;
  bool bad_ = false;
  std::uint64_t left_ = 0;
  ChunkedDecoder decoder_;
};

}  // namespace coffer::http
