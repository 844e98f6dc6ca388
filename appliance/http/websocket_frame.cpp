// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_frame.h"

#include "appliance/http/websocket.h"

#include <cstddef>

namespace coffer::http {
namespace {

constexpr unsigned kFinal = 0x80;

void appendBigEndian(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> (shift - 8)) & 0xffU));
  }
}

}  // namespace

std::string encodeFrame(Opcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame.push_back(static_cast<char>(kFinal | static_cast<unsigned>(opcode)));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    frame.push_back(126);
    appendBigEndian(frame, payload.size(), 2);
  } else {
    frame.push_back(127);
    appendBigEndian(frame, payload.size(), 8);
  }
  frame += payload;
  return frame;
}

std::string encodeCloseFrame(std::uint16_t code) {
  std::string payload;
  appendBigEndian(payload, code, 2);
  return encodeFrame(Opcode::Close, payload);
}

SharedFrame textMessage(std::string_view utf8) {
  return std::make_shared<const std::string>(encodeFrame(Opcode::Text, utf8));
}

SharedFrame binaryMessage(std::string_view bytes) {
  return std::make_shared<const std::string>(encodeFrame(Opcode::Binary, bytes));
}

}  // namespace coffer::http
