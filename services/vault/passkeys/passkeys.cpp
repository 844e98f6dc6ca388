// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkeys.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/passkeys/passkey_tokens.h"
#include "services/vault/webauthn/verifier.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {
namespace {

using storage::WebAuthnCredential;
using storage::WebAuthnStore;

constexpr auto kKind = storage::WebAuthnKind::Passkey;

[[noreturn]] void refuseUse(const char* reason) {
  throw BadRequest("The passkey was not accepted. Try again.", reason);
}

WebAuthnCredential makeRow(const Session& session, const NewPasskey& passkey,
                           const NewKey& verified, UnixMicros now) {
  WebAuthnCredential row;
  row.id = randomUuid();
  row.userId = session.userId;
  row.kind = kKind;
  row.name = passkey.name;
  row.credentialId = verified.credentialId;
  row.publicKey = verified.publicKey;
  row.algorithm = verified.algorithm;
  row.signCount = verified.signCount;
  row.aaguid = verified.aaguid;
  row.transports = transportsJson(passkey.response.transports);
  row.backupEligible = verified.isBackupEligible;
  row.backedUp = verified.isBackedUp;
  row.supportsPrf = passkey.supportsPrf;
  if (passkey.supportsPrf) row.keys = passkey.keys;
  row.createdAt = row.revisedAt = now;
  return row;
}

// Other devices learn from their next sync what unlocks.
void moveRevision(storage::Transaction& tx, const Session& session, UnixMicros now) {
  if (!storage::UserStore(tx).bumpRevision(session.userId, now)) {
    throw Unauthorized("Unauthorized.", "the account is gone");
  }
}

}  // namespace

std::vector<WebAuthnCredential> listPasskeys(const VaultContext& context, std::string_view userId) {
  return context.database.read(
      [&](storage::Transaction& tx) { return WebAuthnStore(tx).list(userId, kKind); });
}

void addPasskey(const VaultContext& context, const Session& session, const RelyingParty& party,
                const NewPasskey& passkey) {
  const std::string challengeHash =
      redeemPasskeyToken(context, PasskeyCeremony::Creation, session.userId, passkey.token);
  const NewKey verified = verifyCreation(passkey.response, {party, challengeHash, true});
  const UnixMicros now = context.clock.now();
  try {
    context.database.write([&](storage::Transaction& tx) {
      requireOngoing(tx, session);
      WebAuthnStore passkeys(tx);
      if (passkeys.list(session.userId, kKind).size() >= kMaxPasskeys) {
        throw BadRequest("There is room for five passkeys. Remove one first.");
      }
      passkeys.insert(makeRow(session, passkey, verified, now));
      moveRevision(tx, session, now);
    });
  } catch (const Conflict&) {
    throw BadRequest("This passkey is registered already.");
  }
  log::info("vault", "passkey added", {{"email", session.email}});
}

WebAuthnCredential usePasskey(const VaultContext& context, const RelyingParty& party,
                              std::string_view userId, std::string_view challengeHash,
                              const AssertionResponse& response) {
  auto passkey = context.database.read([&](storage::Transaction& tx) {
    return WebAuthnStore(tx).find(userId, kKind, response.credentialId);
  });
  if (!passkey) refuseUse("the passkey is not the account's");
  const KeyUse use = verifyAssertion(
      response, {passkey->publicKey, passkey->algorithm, false, passkey->backupEligible},
      {party, challengeHash, true});
  const bool isNewer = context.database.write([&](storage::Transaction& tx) {
    return WebAuthnStore(tx).recordUse(passkey->userId, passkey->id,
                                       {use.signCount, use.isBackupEligible, use.isBackedUp},
                                       context.clock.now());
  });
  if (!isNewer) refuseUse("the counter did not grow: the passkey may have been copied");
  return std::move(*passkey);
}

void updateKeySet(const VaultContext& context, const Session& session, const RelyingParty& party,
                  const KeySetUpdate& update) {
  const std::string challengeHash =
      redeemPasskeyToken(context, PasskeyCeremony::KeySet, session.userId, update.token);
  const auto passkey = usePasskey(context, party, session.userId, challengeHash, update.response);
  if (!passkey.supportsPrf) throw BadRequest("This passkey cannot unlock.");
  const UnixMicros now = context.clock.now();
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    if (!WebAuthnStore(tx).setKeys(session.userId, passkey.id, update.keys, now)) {
      throw NotFound("There is no such passkey.");
    }
    moveRevision(tx, session, now);
  });
}

void removePasskey(const VaultContext& context, const Session& session, std::string_view id) {
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    if (!WebAuthnStore(tx).remove(session.userId, kKind, id)) {
      throw NotFound("There is no such passkey.");
    }
    moveRevision(tx, session, context.clock.now());
  });
  log::info("vault", "passkey removed", {{"email", session.email}});
}

}  // namespace coffer::vault
