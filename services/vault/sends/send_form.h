// SPDX-License-Identifier: BSD-2-Clause
//
// A Send as its owner's client sends it, read and checked (vault-extras 2.2, 2.6, 2.7).
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/json/request_reader.h"
#include "storage/stores/send_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// What answers say in the place of a password that is set. Clients take it for a truth value, and
// some send it back: no password looks like it, since what clients send is 44 characters of base64.
inline constexpr std::string_view kPasswordMarker = "protected";

constexpr std::size_t kMaxSendName = 1000;      // Characters; also of notes, key and file name.
constexpr std::size_t kMaxSendText = 500'000;   // Characters of ciphertext.
constexpr std::size_t kMaxSendPassword = 1000;  // Of what the client derives from it.
constexpr std::size_t kMaxSendEmails = 4000;
constexpr UnixMicros kMaxSendLifetime = 31 * kDay;

// What of a Send is ciphertext.
struct SendSealing {
  static SendSealing parse(const json::Object& request);
  // The content of a text stays when none was sent; a file's always does.
  void applyTo(storage::Send& send) const;

  std::string name;
  std::optional<std::string> notes;
  std::string key;  // Of the Send, sealed with the user key; what else there is, with this one.
  std::string textData;  // JSON of the member `text`; "" without one.
};

struct SendForm {
  // Throws ModelError naming the field: what is missing, of the wrong kind or too long; BadRequest
  // for what Sends cannot be.
  static SendForm parse(const json::Object& request);

  storage::SendType type = storage::SendType::Text;
  std::optional<storage::SendAuth> auth;  // Older clients do not say.
  SendSealing sealing;
  std::optional<std::string> password;  // Derived by the client; the marker is no password.
  bool keepsPassword = false;           // The client sent the marker back.
  std::optional<std::string> emails;    // Each as parseEmail() writes it; commas between.
  std::optional<std::int64_t> maxAccessCount;
  std::optional<UnixMicros> expiresAt;
  UnixMicros deletionAt = 0;
  bool disabled = false;
  bool hideEmail = false;

  std::optional<std::string> fileName;     // EncString.
  std::optional<std::int64_t> fileLength;  // Bytes.

  // The password that is to be hashed: the one sent, unless addresses take its place.
  const std::optional<std::string>& newPassword() const;
};

// Throws BadRequest when the date is past or further ahead than Sends may live.
void requireDeletionDate(const SendForm& form, UnixMicros now);

// What the Send asks of its readers from now on (vault-extras 2.6). `hashed` is newPassword() as it
// is stored. A form that says nothing about it keeps what there is. Throws BadRequest for one that
// asks for a password or for addresses without any: the Send would be open to everybody.
void applyAuth(storage::Send& send, const SendForm& form,
               const std::optional<storage::PasswordVerifier>& hashed);

}  // namespace coffer::vault
