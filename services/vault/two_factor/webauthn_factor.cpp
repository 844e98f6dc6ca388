// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/webauthn_factor.h"

#include "appliance/base/log.h"
#include "services/vault/two_factor/webauthn_challenge.h"
#include "services/vault/vault_context.h"
#include "services/vault/webauthn/options_json.h"
#include "services/vault/webauthn/verifier.h"
#include "storage/database/database.h"
#include "storage/stores/webauthn_store.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace coffer::vault {
namespace {

using storage::WebAuthnCredential;
using storage::WebAuthnStore;

constexpr auto kKind = storage::WebAuthnKind::SecondFactor;

struct Expected {
  std::optional<std::string> challengeHash;
  std::vector<WebAuthnCredential> keys;
};

// What the token is right about, or a BadRequest whose detail says why it is not.
struct Shown {
  std::string keyId;
  storage::WebAuthnUse use;
};

Shown check(const VaultContext& context, const FactorLogin& login, std::string_view token,
            const Expected& expected) {
  if (!expected.challengeHash) throw BadRequest("No security key was asked for.");
  const auto document = json::Document::parse(token);
  const auto assertion = readAssertion(document.object());
  const auto key = std::find_if(expected.keys.begin(), expected.keys.end(), [&](const auto& k) {
    return k.credentialId == assertion.credentialId;
  });
  if (key == expected.keys.end()) throw BadRequest("The security key is not the account's.");
  const auto party = relyingParty(context, login.request);
  const auto use = verifyAssertion(
      assertion, {key->publicKey, key->algorithm, key->migrated, key->backupEligible},
      {party, *expected.challengeHash, false});
  return {key->id, {use.signCount, use.isBackupEligible, use.isBackedUp}};
}

void logRefusal(const FactorLogin& login, std::string_view reason) {
  log::error("vault",
             "Security key was refused. IP: " + login.request.clientAddress() +
                 ". Username: " + login.user.email + ".",
             {{"reason", reason}});
}

}  // namespace

bool WebAuthnFactor::isUsable() const { return canUseWebAuthn(context_.options); }

bool WebAuthnFactor::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return WebAuthnStore(tx).hasAny(userId, kKind);
}

void WebAuthnFactor::writeChallenge(const FactorLogin& login, json::Writer& writer) const {
  const auto party = findRelyingParty(context_, login.request);
  if (!party) {  // Asked by address: the other factors work there.
    writer.value(nullptr);
    return;
  }
  const std::string challenge = newChallenge();
  const auto keys = context_.database.write([&](storage::Transaction& tx) {
    keepChallenge(tx, login.user.id, KeyCeremony::Login, challenge, context_.clock.now());
    return WebAuthnStore(tx).list(login.user.id, kKind);
  });
  AssertionOptions options{
      relyingParty(context_, login.request), KeyPurpose::SecondFactor, challenge, {}};
  for (const auto& key : keys) options.allowed.push_back(key.credentialId);
  writer.beginObject();
  writeAssertionOptions(writer, options);
  writer.endObject();
}

bool WebAuthnFactor::verify(const FactorLogin& login, std::string_view token) const {
  const UnixMicros now = context_.clock.now();
  const auto expected = context_.database.write([&](storage::Transaction& tx) {
    return Expected{takeChallenge(tx, login.user.id, KeyCeremony::Login, now),
                    WebAuthnStore(tx).list(login.user.id, kKind)};
  });
  try {
    const Shown shown = check(context_, login, token, expected);
    const bool isNewer = context_.database.write([&](storage::Transaction& tx) {
      return WebAuthnStore(tx).recordUse(login.user.id, shown.keyId, shown.use, now);
    });
    if (!isNewer) logRefusal(login, "the counter did not grow: the key may have been copied");
    return isNewer;
  } catch (const BadRequest& refusal) {
    logRefusal(login, refusal.what());
    return false;
  }
}

void WebAuthnFactor::remove(storage::Transaction& tx, std::string_view userId) const {
  WebAuthnStore(tx).removeAll(userId, kKind);
}

}  // namespace coffer::vault
