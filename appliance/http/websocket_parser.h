// SPDX-License-Identifier: BSD-2-Clause
//
// Reads what a client sends over a WebSocket (RFC 6455 sections 5 and 7), strictly and a piece at a
// time: frames must be masked, lengths in their shortest form, control frames whole and at most
// 125 bytes, text and reasons UTF-8. Between messages it holds no memory.
#pragma once

#include "appliance/http/websocket_frame.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::http {

class WebSocketParser {
 public:
  // A message may have `maxMessage` bytes, over all its frames.
  explicit WebSocketParser(std::size_t maxMessage) : maxMessage_(maxMessage) {}

  enum class Kind : std::uint8_t {
    NeedMore,  // All input was taken.
    Text,
    Binary,
    Ping,
    Pong,
    Close,
    Bad,  // Nothing after it can be read; the connection is to be closed with `code`.
  };
  struct Event {
    Kind kind = Kind::NeedMore;
    std::string_view payload = {};  // Until the next call.
    std::uint16_t code = 0;         // Of Close, 1000 when the client gave none; of Bad.
  };

  // Takes bytes from the front of `input` up to the end of the next message or control frame.
  Event next(std::string_view& input);

 private:
  static constexpr std::size_t kLongestHead = 14;

  bool takeHead(std::string_view& input);
  std::size_t headSize() const;
  std::uint16_t faultInStart() const;
  std::uint16_t readLength();
  void takePayload(std::string_view& input);
  Event finishFrame();
  Event finishClose();
  Event bad(std::uint16_t code);
  unsigned headByte(std::size_t i) const { return static_cast<unsigned char>(head_[i]); }
  Opcode opcode() const { return static_cast<Opcode>(headByte(0) & 0x0fU); }
  bool isFinal() const { return (headByte(0) & 0x80U) != 0; }

  const std::size_t maxMessage_;
  std::array<char, kLongestHead> head_{};
  std::size_t headTaken_ = 0;
  bool inPayload_ = false;
  std::uint64_t length_ = 0;
  std::uint64_t taken_ = 0;  // Of the frame's payload.
  bool inMessage_ = false;   // A fragmented one.
  Opcode messageKind_ = Opcode::Text;
  std::string message_;
  std::string control_;
  enum class Clear : std::uint8_t { Nothing, Message, Control } clear_ = Clear::Nothing;
  std::uint16_t fault_ = 0;
};

}  // namespace coffer::http
