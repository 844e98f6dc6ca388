// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `users`: the accounts of the vault (vault-core section 2.3).
// Keys are EncStrings made by clients, kept verbatim; nothing here looks inside them.
// Every change that a client can see moves `revisedAt` in the same statement, always forward and by
// at least one millisecond, because clients compare it to decide whether to sync (section 6.9).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct Kdf {
  int type = 0;  // 0 PBKDF2-SHA256, 1 Argon2id.
  std::int64_t iterations = 600'000;
  std::optional<std::int64_t> memory;       // MiB; Argon2id only.
  std::optional<std::int64_t> parallelism;  // Argon2id only.
};

// What the server keeps of the hash a client sends instead of its password. Raw bytes.
struct PasswordVerifier {
  std::string hash;  // PBKDF2-HMAC-SHA256.
  std::string salt;
  std::int64_t iterations = 0;
};

// The key pairs of an account (vault-core section 2.6). The members after publicKey belong to V2
// accounts and are only kept and echoed.
struct AccountKeys {
  std::optional<std::string> privateKey;  // EncString.
  std::optional<std::string> publicKey;   // Base64.
  std::optional<std::string> signedPublicKey;
  std::optional<std::string> signatureAlgorithm;  // "ed25519", "mldsa44".
  std::optional<std::string> signingKey;
  std::optional<std::string> verifyingKey;
  std::optional<std::string> securityState;
  std::optional<std::int64_t> securityVersion;
};

// Mails that asked the owner of an address to prove it.
struct VerificationMails {
  std::int64_t count = 0;
  std::optional<UnixMicros> lastAt;
};

// How an account is entered, for an address that has none (findStandIn).
struct StandIn {
  Kdf kdf;
  std::int64_t passwordIterations = 0;  // Of the verifier.
};

struct User {
  std::string id;
  std::string email;  // Lower case; unique.
  std::optional<UnixMicros> emailVerifiedAt;
  std::optional<std::string> name;

  PasswordVerifier password;
  Kdf kdf;
  std::string userKey;                   // Wrapped by the master key. Empty: no keys yet.
  std::optional<std::string> userKeyId;  // 32 lower-case hex digits.
  AccountKeys keys;
  std::optional<std::string> passwordHint;

  std::string securityStamp;
  std::optional<std::string> previousStamp;  // Still good for a few routes until the time below.
  UnixMicros previousStampUntil = 0;
  std::optional<std::string> apiKey;
  std::optional<std::string> recoveryCode;  // For losing every second factor.

  std::optional<std::string> avatarColor;  // "#rrggbb".
  std::string culture = "en-US";
  bool verifyDevices = true;
  bool forcePasswordReset = false;
  bool disabled = false;
  std::string equivalentDomains = "[]";  // JSON: list of lists of domains.
  std::string excludedGlobals = "[]";    // JSON: list of numbers.

  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;
  std::optional<UnixMicros> lastLoginAt;
};

// One line of `coffer vault user list`.
struct UserSummary {
  std::string id;
  std::string email;
  std::optional<std::string> name;
  bool disabled = false;
  UnixMicros createdAt = 0;
  std::optional<UnixMicros> lastLoginAt;
  std::int64_t ciphers = 0;  // Personal items, those in the trash included.
  std::int64_t devices = 0;
};

// What a bearer token is checked against, read with one indexed query on every request.
struct SessionState {
  std::string securityStamp;
  std::optional<std::string> previousStamp;
  UnixMicros previousStampUntil = 0;
  bool disabled = false;
  bool deviceKnown = false;
  std::string email;
  std::optional<std::string> name;
  UnixMicros revisedAt = 0;
};

// Everything that changes together with the master password, its KDF or its salt.
struct PasswordChange {
  PasswordVerifier password;
  Kdf kdf;
  std::string userKey;
  std::string securityStamp;          // A fresh one; the old one becomes previousStamp.
  UnixMicros previousStampUntil = 0;  // 0: the old stamp is void at once.
};

class UserStore {
 public:
  explicit UserStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const User& user);  // Throws Conflict if the id or the e-mail is taken.
  std::optional<User> findById(std::string_view id);
  std::optional<User> findByEmail(std::string_view email);  // Lower case.
  std::optional<SessionState> findSession(std::string_view id, std::string_view deviceIdentifier);
  std::optional<UnixMicros> revisionDate(std::string_view id);
  // Settings of the account whose id comes next after `point`, a text of 36 characters, and so of
  // any of them with the same probability. They stay the same for a point until that account
  // changes its own or an account comes in between. Only accounts with a password count. Nothing
  // when there is none.
  std::optional<StandIn> findStandIn(std::string_view point);
  std::optional<VerificationMails> findVerificationMails(std::string_view id);
  std::int64_t count();
  std::vector<UserSummary> list();  // By e-mail.

  // All of these: false if there is no such user.
  [[nodiscard]] bool setPassword(std::string_view id, const PasswordChange& change, UnixMicros now);
  // The same password hashed again with today's cost; no revision, no stamp.
  [[nodiscard]] bool rehash(std::string_view id, const PasswordVerifier& password);
  // No `previousUntil`: the old stamp is void at once.
  [[nodiscard]] bool setSecurityStamp(std::string_view id, std::string_view stamp,
                                      UnixMicros previousUntil, UnixMicros now);
  [[nodiscard]] bool setName(std::string_view id, std::optional<std::string_view> name,
                             UnixMicros now);
  [[nodiscard]] bool setPasswordHint(std::string_view id, std::optional<std::string_view> hint,
                                     UnixMicros now);
  [[nodiscard]] bool setAvatarColor(std::string_view id, std::optional<std::string_view> color,
                                    UnixMicros now);
  [[nodiscard]] bool setKeys(std::string_view id, const AccountKeys& keys, UnixMicros now);
  [[nodiscard]] bool setUserKey(std::string_view id, std::string_view userKey, UnixMicros now);
  [[nodiscard]] bool setUserKeyId(std::string_view id, std::optional<std::string_view> keyId,
                                  UnixMicros now);
  [[nodiscard]] bool setApiKey(std::string_view id, std::string_view apiKey, UnixMicros now);
  // For losing every second factor; nothing clears it. No revision: it changes with a factor.
  [[nodiscard]] bool setRecoveryCode(std::string_view id, std::optional<std::string_view> code);
  [[nodiscard]] bool setVerifyDevices(std::string_view id, bool verify, UnixMicros now);
  [[nodiscard]] bool setDomains(std::string_view id, std::string_view equivalentDomains,
                                std::string_view excludedGlobals, UnixMicros now);  // JSON texts.
  [[nodiscard]] bool setEnabled(std::string_view id, bool enabled, UnixMicros now);
  [[nodiscard]] bool setEmailVerified(std::string_view id, UnixMicros at);
  // Throws Conflict if the address is taken. `verifiedAt`: nothing while nobody has proved it.
  [[nodiscard]] bool setEmail(std::string_view id, std::string_view email,
                              const std::optional<UnixMicros>& verifiedAt, UnixMicros now);
  [[nodiscard]] bool countVerificationMail(std::string_view id, UnixMicros now);  // No revision.
  [[nodiscard]] bool recordLogin(std::string_view id, UnixMicros now);            // No revision.

  // The new account revision: `now`, or one millisecond after the last one if that is later.
  // Nothing if there is no such user.
  std::optional<UnixMicros> bumpRevision(std::string_view id, UnixMicros now);

  // With everything that is the user's: devices, folders, personal items and their rows. Triggers
  // note the files of attachments and Sends, which are to be removed afterwards.
  [[nodiscard]] bool remove(std::string_view id);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
