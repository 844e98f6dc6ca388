// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/client_response.h"

#include "appliance/base/bytes.h"
#include "services/vault/json/writer.h"

#include <algorithm>

namespace coffer::vault {
namespace {

// Far above what browsers and authenticators produce: an attestation with its certificates takes
// some five kilobytes, the other parts a few hundred bytes.
constexpr std::size_t kMaxClientData = 8 * KiB;
constexpr std::size_t kMaxAttestation = 32 * KiB;
constexpr std::size_t kMaxAuthenticatorData = 4 * KiB;
constexpr std::size_t kMaxSignature = 1 * KiB;
constexpr std::size_t kMaxUserHandle = 64;  // WebAuthn level 2, section 5.4.3.
constexpr std::size_t kMaxTransports = 8;
constexpr std::size_t kMaxTransportLength = 32;

// Clients write base64url without padding; some of the older ones plain base64.
std::string readBytes(const json::Object& form, std::string_view name, std::size_t limit) {
  const auto text = form.requiredString(name);
  if (text.size() > limit * 4 / 3 + 4) form.fail(name, "The value is too long.");
  auto bytes = fromBase64Url(text);
  if (!bytes) bytes = fromBase64(text);
  if (!bytes || bytes->empty()) form.fail(name, "The value is not base64.");
  if (bytes->size() > limit) form.fail(name, "The value is too long.");
  return std::move(*bytes);
}

std::string readCredentialId(const json::Object& form) {
  if (form.string("type").value_or("public-key") != "public-key") {
    form.fail("type", "The credential is of an unknown type.");
  }
  return readBytes(form, "id", kMaxCredentialId);
}

bool isTransport(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTransportLength &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

// A hint and nothing more: what is not understood is left out.
std::vector<std::string> readTransports(const json::Object& response) {
  std::vector<std::string> transports;
  const auto list = response.array("transports");
  if (!list) return transports;
  const std::size_t count = std::min(list->size(), kMaxTransports);
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = list->string(i);
    if (isTransport(text)) transports.emplace_back(text);
  }
  return transports;
}

}  // namespace

CreationResponse readCreation(const json::Object& form) {
  CreationResponse creation;
  creation.credentialId = readCredentialId(form);
  const auto response = form.requiredObject("response");
  creation.clientData = readBytes(response, "clientDataJson", kMaxClientData);
  creation.attestationObject = readBytes(response, "attestationObject", kMaxAttestation);
  creation.transports = readTransports(response);
  return creation;
}

AssertionResponse readAssertion(const json::Object& form) {
  AssertionResponse assertion;
  assertion.credentialId = readCredentialId(form);
  const auto response = form.requiredObject("response");
  assertion.clientData = readBytes(response, "clientDataJson", kMaxClientData);
  assertion.authenticatorData = readBytes(response, "authenticatorData", kMaxAuthenticatorData);
  assertion.signature = readBytes(response, "signature", kMaxSignature);
  if (!response.string("userHandle").value_or("").empty()) {
    assertion.userHandle = readBytes(response, "userHandle", kMaxUserHandle);
  }
  const auto extensions = form.object("extensions");
  assertion.usedAppId = extensions && extensions->boolean("appid").value_or(false);
  return assertion;
}

std::string transportsJson(const std::vector<std::string>& transports) {
  std::string text;
  json::Writer writer(text);
  writer.beginArray();
  for (const auto& transport : transports) writer.value(transport);
  writer.endArray();
  return text;
}

ClientData parseClientData(std::string_view json) {
  const auto document = json::Document::parse(json);
  const auto data = document.object();
  ClientData parsed;
  parsed.type = data.requiredString("type");
  auto challenge = fromBase64Url(data.requiredString("challenge"));
  if (!challenge) data.fail("challenge", "The value is not base64.");
  parsed.challenge = std::move(*challenge);
  parsed.origin = data.requiredString("origin");
  return parsed;
}

}  // namespace coffer::vault
