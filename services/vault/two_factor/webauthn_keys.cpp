// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/webauthn_keys.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/webauthn_challenge.h"
#include "services/vault/webauthn/verifier.h"
#include "storage/database/database.h"

#include <algorithm>
#include <iterator>

namespace coffer::vault {
namespace {

using storage::WebAuthnCredential;
using storage::WebAuthnStore;

constexpr auto kKind = storage::WebAuthnKind::SecondFactor;

using Keys = std::vector<WebAuthnCredential>;

Keys::const_iterator findSlot(const Keys& keys, std::int64_t slot) {
  return std::find_if(keys.begin(), keys.end(), [slot](const auto& k) { return k.slot == slot; });
}

WebAuthnCredential makeRow(const Session& session, const NewSecurityKey& key,
                           const NewKey& verified, UnixMicros now) {
  WebAuthnCredential row;
  row.id = randomUuid();
  row.userId = session.userId;
  row.kind = kKind;
  row.slot = key.slot;
  row.name = key.name;
  row.credentialId = verified.credentialId;
  row.publicKey = verified.publicKey;
  row.algorithm = verified.algorithm;
  row.signCount = verified.signCount;
  row.aaguid = verified.aaguid;
  row.transports = transportsJson(key.response.transports);
  row.backupEligible = verified.isBackupEligible;
  row.backedUp = verified.isBackedUp;
  row.createdAt = row.revisedAt = now;
  return row;
}

}  // namespace

Keys listSecurityKeys(const VaultContext& context, const Session& session) {
  return context.database.read(
      [&](storage::Transaction& tx) { return WebAuthnStore(tx).list(session.userId, kKind); });
}

SecurityKeyRequest requestSecurityKey(const VaultContext& context, const Session& session) {
  SecurityKeyRequest request{newChallenge(), {}};
  const auto keys = context.database.write([&](storage::Transaction& tx) {
    keepChallenge(tx, session.userId, KeyCeremony::Registration, request.challenge,
                  context.clock.now());
    return WebAuthnStore(tx).list(session.userId, kKind);
  });
  for (const auto& key : keys) request.known.push_back(key.credentialId);
  return request;
}

void addSecurityKey(const VaultContext& context, const Session& session, const RelyingParty& party,
                    const NewSecurityKey& key) {
  const UnixMicros now = context.clock.now();
  const auto challengeHash = context.database.write([&](storage::Transaction& tx) {
    return takeChallenge(tx, session.userId, KeyCeremony::Registration, now);
  });
  if (!challengeHash) throw BadRequest("The security key took too long. Try again.");
  if (key.slot < 1 || key.slot > kMaxSecurityKeys) {
    throw BadRequest("There is no such place for a security key.");
  }
  const NewKey verified = verifyCreation(key.response, {party, *challengeHash, false});

  try {
    context.database.write([&](storage::Transaction& tx) {
      requireOngoing(tx, session);
      WebAuthnStore keys(tx);
      const auto known = keys.list(session.userId, kKind);
      if (findSlot(known, key.slot) != known.end()) {
        throw BadRequest("There is a security key in this place already.");
      }
      keys.insert(makeRow(session, key, verified, now));
      factorEnabled(tx, session.userId, now);
    });
  } catch (const Conflict&) {
    throw BadRequest("This security key is registered already.");
  }
  log::info("vault", "security key added", {{"email", session.email}});
}

void removeSecurityKey(const VaultContext& context, const Session& session, std::int64_t slot) {
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    WebAuthnStore keys(tx);
    const auto known = keys.list(session.userId, kKind);
    const auto key = findSlot(known, slot);
    if (key == known.end() || !keys.remove(session.userId, kKind, key->id)) {
      throw NotFound("There is no such security key.");
    }
    factorDisabled(tx, session.userId, context.clock.now());
  });
  log::info("vault", "security key removed", {{"email", session.email}});
}

void removeSecurityKeys(const VaultContext& context, const Session& session) {
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    WebAuthnStore(tx).removeAll(session.userId, kKind);
    factorDisabled(tx, session.userId, context.clock.now());
  });
  log::info("vault", "every security key removed", {{"email", session.email}});
}

}  // namespace coffer::vault
