// SPDX-License-Identifier: BSD-2-Clause
//
// Finds the parts of an attestation object, and sees to it that what is handed to libfido2 is whole
// and nests no deeper than any authenticator's output: libcbor, below it, walks and frees nested
// items by recursion.
//
// Reads the canonical form of CTAP2: definite lengths only, no tags. Errors: BadRequest.
// Lifetime: views point into the bytes given.
#pragma once

#include <cstdint>
#include <string_view>

namespace coffer::vault {

class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t beginMap();  // The number of pairs that follow.
  std::string_view text();
  std::string_view bytes();
  void skip();  // One item with everything in it.
  [[nodiscard]] bool isAtEnd() const { return rest_.empty(); }

  static constexpr int kMaxNesting = 8;

 private:
  enum class Kind : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };
  struct Head {
    Kind kind;
    std::uint64_t argument;  // A value, a length, or a number of items.
  };

  Head head();
  std::uint64_t expect(Kind kind);
  std::string_view take(std::uint64_t count);
  void skipNested(int nesting);

  std::string_view rest_;
};

}  // namespace coffer::vault
