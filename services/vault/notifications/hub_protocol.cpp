// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/hub_protocol.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>

namespace coffer::vault {
namespace {

constexpr char kEnd = '\x1e';
constexpr std::size_t kMaxLengthBytes = 5;
constexpr unsigned kCloseType = 7;

bool isSupported(const nlohmann::json& handshake) {
  if (!handshake.is_object()) return false;
  const auto protocol = handshake.find("protocol");
  const auto version = handshake.find("version");
  return protocol != handshake.end() && *protocol == "messagepack" && version != handshake.end() &&
         (*version == 1 || *version == 2);
}

// Takes a length from the front; nothing when it is cut short or longer than five bytes.
std::optional<std::uint64_t> takeLength(std::string_view& input) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kMaxLengthBytes && i < input.size(); ++i) {
    const auto byte = static_cast<unsigned char>(input[i]);
    length |= static_cast<std::uint64_t>(byte & 0x7fU) << (7 * i);
    if (byte < 0x80) {
      input.remove_prefix(i + 1);
      return length;
    }
  }
  return std::nullopt;
}

// The first element of a record's array; nothing when it is no small array that begins with a
// small number.
std::optional<unsigned> typeOf(std::string_view body) {
  if (body.size() < 2) return std::nullopt;
  const auto head = static_cast<unsigned char>(body[0]);
  const auto type = static_cast<unsigned char>(body[1]);
  if ((head & 0xf0U) != 0x90 || type >= 0x80) return std::nullopt;
  return type;
}

}  // namespace

HandshakeAnswer answerHandshake(std::string_view message) {
  const auto end = message.find(kEnd);
  if (end != std::string_view::npos) {
    const auto json = nlohmann::json::parse(message.substr(0, end), nullptr, false);
    if (isSupported(json)) return {std::string("{}") + kEnd, true, message.substr(end + 1)};
  }
  return {std::string(R"({"error":"Only the protocol messagepack, version 1 or 2, is spoken."})") +
              kEnd,
          false,
          {}};
}

ClientRecords readClientRecords(std::string_view message) {
  while (!message.empty()) {
    const auto length = takeLength(message);
    if (!length || *length > message.size()) return ClientRecords::Broken;
    const auto size = static_cast<std::size_t>(*length);
    if (typeOf(message.substr(0, size)) == kCloseType) return ClientRecords::Close;
    message.remove_prefix(size);
  }
  return ClientRecords::Ignored;
}

}  // namespace coffer::vault
