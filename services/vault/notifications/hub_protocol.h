// SPDX-License-Identifier: BSD-2-Clause
//
// What clients say to a hub (vault-extras 7.2, 7.3, 7.5): one handshake in JSON, then records of
// which only the good-bye matters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// The answer to a handshake, ready to be sent, and whether the hub can go on.
struct HandshakeAnswer {
  std::string text;
  bool isAccepted = false;
  std::string_view rest;  // Of the message: records behind the handshake.
};

// Takes the protocol "messagepack" in version 1 or 2; anything else gets an error in words.
HandshakeAnswer answerHandshake(std::string_view message);

enum class ClientRecords {
  Ignored,  // Pings, and what nobody needs.
  Close,
  Broken,  // Lengths that do not fit.
};
ClientRecords readClientRecords(std::string_view message);

}  // namespace coffer::vault
