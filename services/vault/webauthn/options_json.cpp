// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/options_json.h"

#include "appliance/base/bytes.h"
#include "appliance/base/random.h"
#include "services/vault/webauthn/verifier.h"

#include <array>
#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::size_t kChallengeBytes = 32;
constexpr std::size_t kUuidBytes = 16;
constexpr int kTimeoutMillis = 60'000;  // How long browsers ask for the key.

void writeCredentials(json::Writer& writer, std::string_view name,
                      const std::vector<std::string>& ids) {
  writer.key(name).beginArray();
  for (const auto& id : ids) {
    writer.beginObject().field("type", "public-key").field("id", toBase64Url(id)).endObject();
  }
  writer.endArray();
}

void writeAlgorithms(json::Writer& writer) {
  writer.key("pubKeyCredParams").beginArray();
  for (const int algorithm : kKeyAlgorithms) {
    writer.beginObject().field("type", "public-key").field("alg", algorithm).endObject();
  }
  writer.endArray();
}

// Old clients look for these two.
void writeStatus(json::Writer& writer) { writer.field("status", "ok").field("errorMessage", ""); }

}  // namespace

std::string newChallenge() { return randomBytes(kChallengeBytes); }

std::string userHandleOf(std::string_view userId) {
  std::string digits(userId);
  std::erase(digits, '-');
  return fromHex(digits).value_or("");
}

std::optional<std::string> userIdOf(std::string_view userHandle) {
  if (userHandle.size() != kUuidBytes) return std::nullopt;
  std::string text = toHex(userHandle);
  for (const std::size_t place : {8u, 13u, 18u, 23u}) text.insert(place, 1, '-');
  return text;
}

void writeCreationOptions(json::Writer& writer, const CreationOptions& options) {
  const bool isPasskey = options.purpose == KeyPurpose::Passkey;
  const auto& user = options.user;
  writer.key("rp")
      .beginObject()
      .field("id", options.party.id)
      .field("name", options.party.name)
      .endObject()
      .key("user")
      .beginObject()
      .field("id", toBase64Url(userHandleOf(user.id)))
      .field("name", user.email)
      .field("displayName", user.name.value_or(user.email))
      .endObject()
      .field("challenge", toBase64Url(options.challenge));
  writeAlgorithms(writer);
  writer.field("timeout", kTimeoutMillis)
      .field("attestation", "none")
      .key("authenticatorSelection")
      .beginObject()
      .field("requireResidentKey", isPasskey)
      .field("residentKey", isPasskey ? "required" : "discouraged")
      .field("userVerification", isPasskey ? "required" : "discouraged")
      .endObject();
  writeCredentials(writer, "excludeCredentials", options.known);
  writeStatus(writer);
}

void writeAssertionOptions(json::Writer& writer, const AssertionOptions& options) {
  const bool isPasskey = options.purpose == KeyPurpose::Passkey;
  writer.field("challenge", toBase64Url(options.challenge))
      .field("timeout", kTimeoutMillis)
      .field("rpId", options.party.id);
  writeCredentials(writer, "allowCredentials", options.allowed);
  writer.field("userVerification", isPasskey ? "required" : "discouraged");
  if (!isPasskey) {
    writer.key("extensions").beginObject().field("appid", options.party.appId).endObject();
  }
  writeStatus(writer);
}

}  // namespace coffer::vault
