// SPDX-License-Identifier: BSD-2-Clause
//
// Frames of RFC 6455 section 5.2 as a server writes them: whole messages, not masked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::http {

enum class Opcode : std::uint8_t {
  Continuation = 0x0,
  Text = 0x1,
  Binary = 0x2,
  Close = 0x8,
  Ping = 0x9,
  Pong = 0xa,
};

constexpr bool isControl(Opcode opcode) { return (static_cast<unsigned>(opcode) & 0x8U) != 0; }
constexpr std::size_t kMaxControlPayload = 125;

std::string encodeFrame(Opcode opcode, std::string_view payload);
std::string encodeCloseFrame(std::uint16_t code);

}  // namespace coffer::http
