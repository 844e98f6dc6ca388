// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/webauthn_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

#define CREDENTIAL                                                                  \
  "SELECT id, user_id, login, slot, name, credential_id, public_key, algorithm,"    \
  " sign_count, aaguid, transports, migrated, backup_eligible, backup_state,"       \
  " supports_prf, encrypted_user_key, encrypted_public_key, encrypted_private_key," \
  " created_at, revised_at FROM webauthn_credentials "

constexpr Sql kList{"webauthn.list",
                    CREDENTIAL "WHERE user_id = $1 AND login = $2 ORDER BY slot, id"};
constexpr Sql kFind{"webauthn.find",
                    CREDENTIAL "WHERE credential_id = $3 AND user_id = $1 AND login = $2"};
#undef CREDENTIAL

constexpr Sql kHasAny{"webauthn.has_any",
                      "SELECT 1 FROM webauthn_credentials WHERE user_id = $1 AND login = $2"};
constexpr Sql kInsert{"webauthn.insert", R"(
    INSERT INTO webauthn_credentials (id, user_id, login, slot, name, credential_id, public_key,
      algorithm, sign_count, aaguid, transports, migrated, backup_eligible, backup_state,
      supports_prf, encrypted_user_key, encrypted_public_key, encrypted_private_key, created_at,
      revised_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
      $20))"};
constexpr Sql kRecordUse{"webauthn.record_use", R"(
    UPDATE webauthn_credentials
    SET sign_count = $3, backup_eligible = $4, backup_state = $5, revised_at = $6
    WHERE id = $2 AND user_id = $1 AND ($3 > sign_count OR ($3 = 0 AND sign_count = 0)))"};
constexpr Sql kSetKeys{"webauthn.set_keys", R"(
    UPDATE webauthn_credentials SET encrypted_user_key = $3, encrypted_public_key = $4,
      encrypted_private_key = $5, revised_at = $6
    WHERE id = $2 AND user_id = $1 AND login = 1)"};
constexpr Sql kRotateKeys{"webauthn.rotate_keys", R"(
    UPDATE webauthn_credentials SET encrypted_user_key = $3, encrypted_public_key = $4,
      revised_at = $5
    WHERE id = $2 AND user_id = $1 AND login = 1 AND encrypted_private_key IS NOT NULL)"};
constexpr Sql kRemove{"webauthn.remove", R"(
    DELETE FROM webauthn_credentials WHERE id = $3 AND user_id = $1 AND login = $2)"};
constexpr Sql kRemoveAll{"webauthn.remove_all",
                         "DELETE FROM webauthn_credentials WHERE user_id = $1 AND login = $2"};

WebAuthnCredential readCredential(const Rows& rows) {
  WebAuthnCredential row;
  row.id = rows.string(0);
  row.userId = rows.string(1);
  row.kind = static_cast<WebAuthnKind>(rows.integer(2));
  row.slot = rows.optionalInteger(3);
  row.name = rows.string(4);
  row.credentialId = std::string(rows.blob(5));
  row.publicKey = std::string(rows.blob(6));
  row.algorithm = static_cast<int>(rows.integer(7));
  row.signCount = static_cast<std::uint32_t>(rows.integer(8));
  row.aaguid = std::string(rows.blob(9));
  row.transports = rows.string(10);
  row.migrated = rows.boolean(11);
  row.backupEligible = rows.boolean(12);
  row.backedUp = rows.boolean(13);
  row.supportsPrf = rows.boolean(14);
  if (!rows.isNull(15) && !rows.isNull(16) && !rows.isNull(17)) {
    row.keys = PasskeyKeys{rows.string(15), rows.string(16), rows.string(17)};
  }
  row.createdAt = rows.integer(18);
  row.revisedAt = rows.integer(19);
  return row;
}

}  // namespace

std::vector<WebAuthnCredential> WebAuthnStore::list(std::string_view userId, WebAuthnKind kind) {
  std::vector<WebAuthnCredential> all;
  auto rows = db_.query(kList, userId, static_cast<int>(kind));
  while (rows.next()) all.push_back(readCredential(rows));
  return all;
}

bool WebAuthnStore::hasAny(std::string_view userId, WebAuthnKind kind) {
  return db_.query(kHasAny, userId, static_cast<int>(kind)).next();
}

std::optional<WebAuthnCredential> WebAuthnStore::find(std::string_view userId, WebAuthnKind kind,
                                                      std::string_view credentialId) {
  auto rows = db_.query(kFind, userId, static_cast<int>(kind), Blob{credentialId});
  if (!rows.next()) return std::nullopt;
  return readCredential(rows);
}

void WebAuthnStore::insert(const WebAuthnCredential& c) {
  std::optional<std::string_view> userKey;
  std::optional<std::string_view> publicKey;
  std::optional<std::string_view> privateKey;
  if (c.keys) {
    userKey = c.keys->userKey;
    publicKey = c.keys->publicKey;
    privateKey = c.keys->privateKey;
  }
  db_.run(kInsert, c.id, c.userId, static_cast<int>(c.kind), c.slot, c.name, Blob{c.credentialId},
          Blob{c.publicKey}, c.algorithm, c.signCount, Blob{c.aaguid}, c.transports, c.migrated,
          c.backupEligible, c.backedUp, c.supportsPrf, userKey, publicKey, privateKey, c.createdAt,
          c.revisedAt);
}

bool WebAuthnStore::recordUse(std::string_view userId, std::string_view id, const WebAuthnUse& use,
                              UnixMicros now) {
  return db_.run(kRecordUse, userId, id, use.signCount, use.backupEligible, use.backedUp, now) == 1;
}

bool WebAuthnStore::setKeys(std::string_view userId, std::string_view id, const PasskeyKeys& keys,
                            UnixMicros now) {
  return db_.run(kSetKeys, userId, id, keys.userKey, keys.publicKey, keys.privateKey, now) == 1;
}

bool WebAuthnStore::rotateKeys(std::string_view userId, std::string_view id,
                               std::string_view userKey, std::string_view publicKey,
                               UnixMicros now) {
  return db_.run(kRotateKeys, userId, id, userKey, publicKey, now) == 1;
}

bool WebAuthnStore::remove(std::string_view userId, WebAuthnKind kind, std::string_view id) {
  return db_.run(kRemove, userId, static_cast<int>(kind), id) == 1;
}

std::int64_t WebAuthnStore::removeAll(std::string_view userId, WebAuthnKind kind) {
  return db_.run(kRemoveAll, userId, static_cast<int>(kind));
}

}  // namespace coffer::storage
