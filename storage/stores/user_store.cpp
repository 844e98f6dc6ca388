// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/user_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

// In every statement that changes an account, $1 is its id and $2 the time. The revision always
// moves, by a millisecond at least, because that is the unit in which clients compare it.
#define REVISED "revised_at = CASE WHEN $2 > revised_at + 1000 THEN $2 ELSE revised_at + 1000 END"

constexpr Sql kInsert{"users.insert", R"(
    INSERT INTO users (
      id, email, email_verified_at, name,
      password_hash, password_salt, password_iterations,
      kdf_type, kdf_iterations, kdf_memory, kdf_parallelism, user_key, user_key_id,
      private_key, public_key, signed_public_key, signature_algorithm, signing_key, verifying_key,
      security_state, security_version, password_hint,
      security_stamp, previous_stamp, previous_stamp_until, api_key, recovery_code,
      avatar_color, culture, verify_devices, force_password_reset, disabled,
      equivalent_domains, excluded_globals, created_at, revised_at, last_login_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36,
            $37))"};

constexpr Sql kFind{"users.find", R"(
    SELECT
      id, email, email_verified_at, name,
      password_hash, password_salt, password_iterations,
      kdf_type, kdf_iterations, kdf_memory, kdf_parallelism, user_key, user_key_id,
      private_key, public_key, signed_public_key, signature_algorithm, signing_key, verifying_key,
      security_state, security_version, password_hint,
      security_stamp, previous_stamp, previous_stamp_until, api_key, recovery_code,
      avatar_color, culture, verify_devices, force_password_reset, disabled,
      equivalent_domains, excluded_globals, created_at, revised_at, last_login_at
    FROM users WHERE id = $1)"};
constexpr Sql kIdByEmail{"users.id_by_email", "SELECT id FROM users WHERE email = $1"};
constexpr Sql kSession{"users.session", R"(
    SELECT security_stamp, previous_stamp, previous_stamp_until, disabled,
           EXISTS (SELECT 1 FROM devices WHERE user_id = users.id AND identifier = $2),
           email, name, revised_at
    FROM users WHERE id = $1)"};
constexpr Sql kRevision{"users.revision", "SELECT revised_at FROM users WHERE id = $1"};
constexpr Sql kStandIn{"users.stand_in", R"(
    SELECT kdf_type, kdf_iterations, kdf_memory, kdf_parallelism, password_iterations
    FROM users WHERE id >= $1 AND password_hash <> x'' ORDER BY id LIMIT 1)"};
constexpr Sql kVerificationMails{"users.verification_mails", R"(
    SELECT verification_mails, verification_mail_at FROM users WHERE id = $1)"};
constexpr Sql kCount{"users.count", "SELECT count(*) FROM users"};
constexpr Sql kList{"users.list", R"(
    SELECT id, email, name, disabled, created_at, last_login_at,
           (SELECT count(*) FROM ciphers WHERE user_id = users.id),
           (SELECT count(*) FROM devices WHERE user_id = users.id)
    FROM users ORDER BY email)"};

constexpr Sql kSetPassword{"users.set_password",
                           R"(
    UPDATE users SET password_hash = $3, password_salt = $4, password_iterations = $5,
      kdf_type = $6, kdf_iterations = $7, kdf_memory = $8, kdf_parallelism = $9, user_key = $10,
      previous_stamp = CASE WHEN $12 > 0 THEN security_stamp END, previous_stamp_until = $12,
      security_stamp = $11, force_password_reset = 0, )" REVISED " WHERE id = $1"};
constexpr Sql kRehash{"users.rehash", R"(
    UPDATE users SET password_hash = $2, password_salt = $3, password_iterations = $4
    WHERE id = $1)"};
constexpr Sql kSetStamp{"users.set_stamp",
                        R"(
    UPDATE users SET previous_stamp = CASE WHEN $4 > 0 THEN security_stamp END,
      previous_stamp_until = $4, security_stamp = $3, )" REVISED " WHERE id = $1"};
constexpr Sql kForgetApprovals{"users.forget_approvals",
                               "DELETE FROM auth_requests WHERE user_id = $1"};
constexpr Sql kSetName{"users.set_name", "UPDATE users SET name = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetHint{"users.set_hint",
                       "UPDATE users SET password_hint = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetAvatar{"users.set_avatar",
                         "UPDATE users SET avatar_color = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetKeys{"users.set_keys",
                       R"(
    UPDATE users SET private_key = $3, public_key = $4, signed_public_key = $5,
      signature_algorithm = $6, signing_key = $7, verifying_key = $8, security_state = $9,
      security_version = $10, )" REVISED " WHERE id = $1"};
constexpr Sql kSetUserKey{"users.set_user_key",
                          "UPDATE users SET user_key = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetUserKeyId{"users.set_user_key_id",
                            "UPDATE users SET user_key_id = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetApiKey{"users.set_api_key",
                         "UPDATE users SET api_key = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetRecoveryCode{"users.set_recovery_code",
                               "UPDATE users SET recovery_code = $2 WHERE id = $1"};
constexpr Sql kSetVerifyDevices{"users.set_verify_devices",
                                "UPDATE users SET verify_devices = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetDomains{"users.set_domains",
                          R"(
    UPDATE users SET equivalent_domains = $3, excluded_globals = $4, )" REVISED " WHERE id = $1"};
constexpr Sql kSetDisabled{"users.set_disabled",
                           "UPDATE users SET disabled = $3, " REVISED " WHERE id = $1"};
constexpr Sql kSetEmailVerified{"users.set_email_verified",
                                "UPDATE users SET email_verified_at = $2, " REVISED
                                " WHERE id = $1"};
constexpr Sql kSetEmail{"users.set_email",
                        R"(
    UPDATE users SET email = $3, email_verified_at = $4, )" REVISED " WHERE id = $1"};
constexpr Sql kCountVerificationMail{"users.count_verification_mail", R"(
    UPDATE users SET verification_mails = verification_mails + 1, verification_mail_at = $2
    WHERE id = $1)"};
constexpr Sql kRecordLogin{"users.record_login",
                           "UPDATE users SET last_login_at = $2 WHERE id = $1"};
constexpr Sql kBump{"users.bump",
                    "UPDATE users SET " REVISED " WHERE id = $1 RETURNING revised_at"};
// What the account asked for ends with it. No foreign key: the owner of the box invites too.
constexpr Sql kWithdrawInvitations{"users.withdraw_invitations",
                                   "DELETE FROM invitations WHERE invited_by = $1"};
constexpr Sql kRemove{"users.remove", "DELETE FROM users WHERE id = $1"};

#undef REVISED

// Reads the columns of kFind one after the other, as they stand in it.
class Reader {
 public:
  explicit Reader(const Rows& rows) : rows_(rows) {}
  std::string text() { return rows_.string(column_++); }
  std::string blob() { return std::string(rows_.blob(column_++)); }
  std::int64_t integer() { return rows_.integer(column_++); }
  bool boolean() { return rows_.boolean(column_++); }
  std::optional<std::string> optionalText() { return rows_.optionalString(column_++); }
  std::optional<std::int64_t> optionalInteger() { return rows_.optionalInteger(column_++); }

 private:
  const Rows& rows_;
  int column_ = 0;
};

User readUser(const Rows& rows) {
  Reader read(rows);
  User user;
  user.id = read.text();
  user.email = read.text();
  user.emailVerifiedAt = read.optionalInteger();
  user.name = read.optionalText();
  user.password.hash = read.blob();
  user.password.salt = read.blob();
  user.password.iterations = read.integer();
  user.kdf.type = static_cast<int>(read.integer());
  user.kdf.iterations = read.integer();
  user.kdf.memory = read.optionalInteger();
  user.kdf.parallelism = read.optionalInteger();
  user.userKey = read.text();
  user.userKeyId = read.optionalText();
  user.keys.privateKey = read.optionalText();
  user.keys.publicKey = read.optionalText();
  user.keys.signedPublicKey = read.optionalText();
  user.keys.signatureAlgorithm = read.optionalText();
  user.keys.signingKey = read.optionalText();
  user.keys.verifyingKey = read.optionalText();
  user.keys.securityState = read.optionalText();
  user.keys.securityVersion = read.optionalInteger();
  user.passwordHint = read.optionalText();
  user.securityStamp = read.text();
  user.previousStamp = read.optionalText();
  user.previousStampUntil = read.integer();
  user.apiKey = read.optionalText();
  user.recoveryCode = read.optionalText();
  user.avatarColor = read.optionalText();
  user.culture = read.text();
  user.verifyDevices = read.boolean();
  user.forcePasswordReset = read.boolean();
  user.disabled = read.boolean();
  user.equivalentDomains = read.text();
  user.excludedGlobals = read.text();
  user.createdAt = read.integer();
  user.revisedAt = read.integer();
  user.lastLoginAt = read.optionalInteger();
  return user;
}

}  // namespace

void UserStore::insert(const User& u) {
  db_.run(kInsert, u.id, u.email, u.emailVerifiedAt, u.name, Blob{u.password.hash},
          Blob{u.password.salt}, u.password.iterations, u.kdf.type, u.kdf.iterations, u.kdf.memory,
          u.kdf.parallelism, u.userKey, u.userKeyId, u.keys.privateKey, u.keys.publicKey,
          u.keys.signedPublicKey, u.keys.signatureAlgorithm, u.keys.signingKey, u.keys.verifyingKey,
          u.keys.securityState, u.keys.securityVersion, u.passwordHint, u.securityStamp,
          u.previousStamp, u.previousStampUntil, u.apiKey, u.recoveryCode, u.avatarColor, u.culture,
          u.verifyDevices, u.forcePasswordReset, u.disabled, u.equivalentDomains, u.excludedGlobals,
          u.createdAt, u.revisedAt, u.lastLoginAt);
}

std::optional<User> UserStore::findById(std::string_view id) {
  auto rows = db_.query(kFind, id);
  if (!rows.next()) return std::nullopt;
  return readUser(rows);
}

std::optional<User> UserStore::findByEmail(std::string_view email) {
  auto rows = db_.query(kIdByEmail, email);
  if (!rows.next()) return std::nullopt;
  return findById(rows.text(0));
}

std::optional<SessionState> UserStore::findSession(std::string_view id,
                                                   std::string_view deviceIdentifier) {
  auto rows = db_.query(kSession, id, deviceIdentifier);
  if (!rows.next()) return std::nullopt;
  return SessionState{.securityStamp = rows.string(0),
                      .previousStamp = rows.optionalString(1),
                      .previousStampUntil = rows.integer(2),
                      .disabled = rows.boolean(3),
                      .deviceKnown = rows.boolean(4),
                      .email = rows.string(5),
                      .name = rows.optionalString(6),
                      .revisedAt = rows.integer(7)};
}

std::optional<UnixMicros> UserStore::revisionDate(std::string_view id) {
  auto rows = db_.query(kRevision, id);
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

std::optional<StandIn> UserStore::findStandIn(std::string_view point) {
  // Ids are spread over a ring: behind the last one comes the first.
  for (const std::string_view from : {point, std::string_view()}) {
    auto rows = db_.query(kStandIn, from);
    if (!rows.next()) continue;
    return StandIn{.kdf = {.type = static_cast<int>(rows.integer(0)),
                           .iterations = rows.integer(1),
                           .memory = rows.optionalInteger(2),
                           .parallelism = rows.optionalInteger(3)},
                   .passwordIterations = rows.integer(4)};
  }
  return std::nullopt;
}

std::optional<VerificationMails> UserStore::findVerificationMails(std::string_view id) {
  auto rows = db_.query(kVerificationMails, id);
  if (!rows.next()) return std::nullopt;
  return VerificationMails{rows.integer(0), rows.optionalInteger(1)};
}

std::int64_t UserStore::count() {
  auto rows = db_.query(kCount);
  return rows.next() ? rows.integer(0) : 0;
}

std::vector<UserSummary> UserStore::list() {
  std::vector<UserSummary> users;
  auto rows = db_.query(kList);
  while (rows.next()) {
    users.push_back({.id = rows.string(0),
                     .email = rows.string(1),
                     .name = rows.optionalString(2),
                     .disabled = rows.boolean(3),
                     .createdAt = rows.integer(4),
                     .lastLoginAt = rows.optionalInteger(5),
                     .ciphers = rows.integer(6),
                     .devices = rows.integer(7)});
  }
  return users;
}

bool UserStore::setPassword(std::string_view id, const PasswordChange& c, UnixMicros now) {
  db_.run(kForgetApprovals, id);
  return db_.run(kSetPassword, id, now, Blob{c.password.hash}, Blob{c.password.salt},
                 c.password.iterations, c.kdf.type, c.kdf.iterations, c.kdf.memory,
                 c.kdf.parallelism, c.userKey, c.securityStamp, c.previousStampUntil) == 1;
}

bool UserStore::rehash(std::string_view id, const PasswordVerifier& password) {
  return db_.run(kRehash, id, Blob{password.hash}, Blob{password.salt}, password.iterations) == 1;
}

bool UserStore::setSecurityStamp(std::string_view id, std::string_view stamp,
                                 UnixMicros previousUntil, UnixMicros now) {
  db_.run(kForgetApprovals, id);
  return db_.run(kSetStamp, id, now, stamp, previousUntil) == 1;
}

bool UserStore::setName(std::string_view id, std::optional<std::string_view> name, UnixMicros now) {
  return db_.run(kSetName, id, now, name) == 1;
}

bool UserStore::setPasswordHint(std::string_view id, std::optional<std::string_view> hint,
                                UnixMicros now) {
  return db_.run(kSetHint, id, now, hint) == 1;
}

bool UserStore::setAvatarColor(std::string_view id, std::optional<std::string_view> color,
                               UnixMicros now) {
  return db_.run(kSetAvatar, id, now, color) == 1;
}

bool UserStore::setKeys(std::string_view id, const AccountKeys& k, UnixMicros now) {
  return db_.run(kSetKeys, id, now, k.privateKey, k.publicKey, k.signedPublicKey,
                 k.signatureAlgorithm, k.signingKey, k.verifyingKey, k.securityState,
                 k.securityVersion) == 1;
}

bool UserStore::setUserKey(std::string_view id, std::string_view userKey, UnixMicros now) {
  return db_.run(kSetUserKey, id, now, userKey) == 1;
}

bool UserStore::setUserKeyId(std::string_view id, std::optional<std::string_view> keyId,
                             UnixMicros now) {
  return db_.run(kSetUserKeyId, id, now, keyId) == 1;
}

bool UserStore::setApiKey(std::string_view id, std::string_view apiKey, UnixMicros now) {
  return db_.run(kSetApiKey, id, now, apiKey) == 1;
}

bool UserStore::setRecoveryCode(std::string_view id, std::optional<std::string_view> code) {
  return db_.run(kSetRecoveryCode, id, code) == 1;
}

bool UserStore::setVerifyDevices(std::string_view id, bool verify, UnixMicros now) {
  return db_.run(kSetVerifyDevices, id, now, verify) == 1;
}

bool UserStore::setDomains(std::string_view id, std::string_view equivalentDomains,
                           std::string_view excludedGlobals, UnixMicros now) {
  return db_.run(kSetDomains, id, now, equivalentDomains, excludedGlobals) == 1;
}

bool UserStore::setEnabled(std::string_view id, bool enabled, UnixMicros now) {
  return db_.run(kSetDisabled, id, now, !enabled) == 1;
}

bool UserStore::setEmailVerified(std::string_view id, UnixMicros at) {
  return db_.run(kSetEmailVerified, id, at) == 1;
}

bool UserStore::setEmail(std::string_view id, std::string_view email,
                         const std::optional<UnixMicros>& verifiedAt, UnixMicros now) {
  return db_.run(kSetEmail, id, now, email, verifiedAt) == 1;
}

bool UserStore::countVerificationMail(std::string_view id, UnixMicros now) {
  return db_.run(kCountVerificationMail, id, now) == 1;
}

bool UserStore::recordLogin(std::string_view id, UnixMicros now) {
  return db_.run(kRecordLogin, id, now) == 1;
}

std::optional<UnixMicros> UserStore::bumpRevision(std::string_view id, UnixMicros now) {
  auto rows = db_.query(kBump, id, now);
  if (!rows.next()) return std::nullopt;
  return rows.integer(0);
}

bool UserStore::remove(std::string_view id) {
  db_.run(kWithdrawInvitations, id);
  return db_.run(kRemove, id) == 1;
}

}  // namespace coffer::storage
