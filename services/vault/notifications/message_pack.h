// SPDX-License-Identifier: BSD-2-Clause
//
// MessagePack, as much of it as the hubs speak, appended to a string that the caller owns. Every
// value takes its shortest form, dates the extension of type -1 in 64 bits, so that messages are
// byte for byte what other servers send (vault-extras 7.3, 7.4).
#pragma once

#include "appliance/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::vault {

class MessagePacker {
 public:
  // The string must outlive the packer.
  explicit MessagePacker(std::string& out) : out_(out) {}

  // Heads: so many elements, or pairs of key and value, are to follow. At most 65,535.
  MessagePacker& array(std::size_t count);
  MessagePacker& map(std::size_t count);

  MessagePacker& nil();
  MessagePacker& text(std::string_view utf8);  // At most 65,535 bytes.
  MessagePacker& textOrNil(std::string_view utf8) { return utf8.empty() ? nil() : text(utf8); }
  MessagePacker& number(std::uint8_t value);
  MessagePacker& date(UnixMicros time);  // Not before 1970.

 private:
  void byte(unsigned value) { out_.push_back(static_cast<char>(value)); }
  void bigEndian(std::uint64_t value, unsigned bytes);

  std::string& out_;
};

}  // namespace coffer::vault
