// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_parser.h"

#include "appliance/base/bytes.h"
#include "appliance/http/websocket.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kMasked = 0x80;
constexpr unsigned kLength16 = 126;
constexpr unsigned kLength64 = 127;
constexpr std::size_t kMaskBytes = 4;

constexpr std::uint16_t codeOf(CloseCode code) { return static_cast<std::uint16_t>(code); }

bool isKnown(Opcode opcode) {
  switch (opcode) {
    case Opcode::Continuation:
    case Opcode::Text:
    case Opcode::Binary:
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
      return true;
  }
  return false;
}

// Codes that may stand in a close frame (RFC 6455 section 7.4 and its registry).
bool mayBeSent(unsigned code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::size_t lengthBytes(unsigned shortLength) {
  return shortLength == kLength16 ? 2 : shortLength == kLength64 ? 8 : 0;
}

}  // namespace

WebSocketParser::Event WebSocketParser::next(std::string_view& input) {
  if (fault_ != 0) return bad(fault_);
  if (clear_ == Clear::Message) std::string().swap(message_);
  if (clear_ == Clear::Control) std::string().swap(control_);
  clear_ = Clear::Nothing;
  for (;;) {
    if (!inPayload_ && !takeHead(input)) return fault_ != 0 ? bad(fault_) : Event{};
    takePayload(input);
    if (taken_ < length_) return {};
    inPayload_ = false;
    headTaken_ = 0;
    if (isControl(opcode()) || isFinal()) return finishFrame();
  }
}

// True when the head is complete and good.
bool WebSocketParser::takeHead(std::string_view& input) {
  while (headTaken_ < headSize()) {
    if (input.empty()) return false;
    head_[headTaken_++] = input.front();
    input.remove_prefix(1);
    if (headTaken_ == 2) fault_ = faultInStart();
    if (fault_ != 0) return false;
  }
  fault_ = readLength();
  if (fault_ != 0) return false;
  inPayload_ = true;
  taken_ = 0;
  if (!isControl(opcode())) {
    if (!inMessage_) messageKind_ = opcode();
    inMessage_ = true;
  }
  return true;
}

std::size_t WebSocketParser::headSize() const {
  if (headTaken_ < 2) return 2;
  return 2 + lengthBytes(headByte(1) & 0x7fU) + kMaskBytes;
}

// Looks at the first two bytes; 0 when they are right.
std::uint16_t WebSocketParser::faultInStart() const {
  const unsigned shortLength = headByte(1) & 0x7fU;
  const bool isContinuation = opcode() == Opcode::Continuation;
  bool good = (headByte(0) & kReservedBits) == 0 && isKnown(opcode()) && (headByte(1) & kMasked);
  if (isControl(opcode())) {
    good = good && isFinal() && shortLength <= kMaxControlPayload;
  } else {
    good = good && isContinuation == inMessage_;
  }
  return good ? 0 : codeOf(CloseCode::ProtocolError);
}

// Reads the length; 0 when it is right.
std::uint16_t WebSocketParser::readLength() {
  const unsigned shortLength = headByte(1) & 0x7fU;
  const std::size_t bytes = lengthBytes(shortLength);
  length_ = bytes == 0 ? shortLength : 0;
  for (std::size_t i = 0; i < bytes; ++i) length_ = (length_ << 8U) | headByte(2 + i);
  if (bytes == 2 && length_ < kLength16) return codeOf(CloseCode::ProtocolError);
  if (bytes == 8 && (length_ <= 0xffff || length_ >> 63U != 0)) {
    return codeOf(CloseCode::ProtocolError);
  }
  if (isControl(opcode())) return 0;
  return length_ > maxMessage_ - message_.size() ? codeOf(CloseCode::TooBig) : 0;
}

void WebSocketParser::takePayload(std::string_view& input) {
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(length_ - taken_, input.size()));
  std::string& target = isControl(opcode()) ? control_ : message_;
  const char* mask = head_.data() + 2 + lengthBytes(headByte(1) & 0x7fU);
  for (std::size_t i = 0; i < size; ++i) {
    target.push_back(static_cast<char>(input[i] ^ mask[(taken_ + i) % kMaskBytes]));
  }
  input.remove_prefix(size);
  taken_ += size;
}

WebSocketParser::Event WebSocketParser::finishFrame() {
  if (!isControl(opcode())) {
    inMessage_ = false;
    clear_ = Clear::Message;
    if (messageKind_ == Opcode::Binary) return {Kind::Binary, message_, 0};
    if (!isUtf8(message_)) return bad(codeOf(CloseCode::BadText));
    return {Kind::Text, message_, 0};
  }
  clear_ = Clear::Control;
  switch (opcode()) {
    case Opcode::Ping:
      return {Kind::Ping, control_, 0};
    case Opcode::Pong:
      return {Kind::Pong, control_, 0};
    default:
      return finishClose();
  }
}

WebSocketParser::Event WebSocketParser::finishClose() {
  const std::string_view payload = control_;
  if (payload.empty()) return {Kind::Close, {}, codeOf(CloseCode::Normal)};
  if (payload.size() == 1) return bad(codeOf(CloseCode::ProtocolError));
  const unsigned code = static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8U |
                        static_cast<unsigned char>(payload[1]);
  if (!mayBeSent(code)) return bad(codeOf(CloseCode::ProtocolError));
  if (!isUtf8(payload.substr(2))) return bad(codeOf(CloseCode::BadText));
  return {Kind::Close, payload.substr(2), static_cast<std::uint16_t>(code)};
}

WebSocketParser::Event WebSocketParser::bad(std::uint16_t code) {
  fault_ = code;
  return {Kind::Bad, {}, code};
}

}  // namespace coffer::http
