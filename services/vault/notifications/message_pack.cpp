// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/message_pack.h"

#include <algorithm>
#include <stdexcept>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxCount = 0xffff;

void requireShort(std::size_t count) {
  if (count > kMaxCount) throw std::length_error("too long for a hub message");
}

}  // namespace

MessagePacker& MessagePacker::array(std::size_t count) {
  requireShort(count);
  if (count < 16) {
    byte(0x90U | static_cast<unsigned>(count));
  } else {
    byte(0xdc);
    bigEndian(count, 2);
  }
  return *this;
}

MessagePacker& MessagePacker::map(std::size_t count) {
  requireShort(count);
  if (count < 16) {
    byte(0x80U | static_cast<unsigned>(count));
  } else {
    byte(0xde);
    bigEndian(count, 2);
  }
  return *this;
}

MessagePacker& MessagePacker::nil() {
  byte(0xc0);
  return *this;
}

MessagePacker& MessagePacker::text(std::string_view utf8) {
  requireShort(utf8.size());
  if (utf8.size() < 32) {
    byte(0xa0U | static_cast<unsigned>(utf8.size()));
  } else if (utf8.size() < 256) {
    byte(0xd9);
    byte(static_cast<unsigned>(utf8.size()));
  } else {
    byte(0xda);
    bigEndian(utf8.size(), 2);
  }
  out_ += utf8;
  return *this;
}

MessagePacker& MessagePacker::number(std::uint8_t value) {
  if (value >= 128) byte(0xcc);
  byte(value);
  return *this;
}

MessagePacker& MessagePacker::date(UnixMicros time) {
  const auto micros = static_cast<std::uint64_t>(std::max<UnixMicros>(time, 0));
  const std::uint64_t seconds = micros / kSecond;
  const std::uint64_t nanoseconds = micros % kSecond * 1000;
  byte(0xd7);
  byte(0xff);
  bigEndian(nanoseconds << 34U | seconds, 8);
  return *this;
}

void MessagePacker::bigEndian(std::uint64_t value, unsigned bytes) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) byte(value >> (shift - 8) & 0xffU);
}

}  // namespace coffer::vault
