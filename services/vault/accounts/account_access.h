// SPDX-License-Identifier: BSD-2-Clause
//
// Reading and changing the account of a session, and asking for the master password once more
// before something that a stolen session must not do alone (vault-core 4.2).
#pragma once

#include "appliance/base/fault.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <string_view>
#include <utility>

namespace coffer::vault {

// How long the access token from before a change of password or keys is still good for what the web
// client does next (vault-core 3.8).
constexpr UnixMicros kPreviousStampGrace = 2 * kMinute;

storage::User loadUser(const VaultContext& context, const Session& session);

// The account, when the client's hash is right; else BadRequest "Invalid password.", and
// TooManyRequests when the session was wrong too often. Hash lane.
// A hash made with a lower count than today's is made anew on the way.
storage::User requirePassword(const VaultContext& context, const Session& session,
                              std::string_view clientHash);

// The same for forms that hold the secret of vault-core 4.2: `masterPasswordHash`, or without it
// `otp`, a code that was mailed for a protected action. A right code is used up: for routes that
// change something. Refused as "User verification failed."
storage::User requireSecret(const VaultContext& context, const Session& session,
                            const json::Object& form);
// A right code stays good: for routes that only show what the change that follows will need
// (vault-extras 0.2).
storage::User requireSecretKeeping(const VaultContext& context, const Session& session,
                                   const json::Object& form);

// Uses up the code of a protected action. Charged like a password. Disk lane.
[[nodiscard]] bool isProtectedActionCode(const VaultContext& context, const Session& session,
                                         std::string_view code);

// Runs change(UserStore&, Transaction&) → bool durably and returns the account as it is then.
// False, or an account that is gone, is Unauthorized.
template <typename F>
storage::User changeUser(const VaultContext& context, const std::string& userId, F&& change) {
  return context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    if (!change(users, tx)) throw Unauthorized("Unauthorized.", "the account is gone");
    auto user = users.findById(userId);
    if (!user) throw Unauthorized("Unauthorized.", "the account is gone");
    return std::move(*user);
  });
}

// changeUser for an account whose password was checked: BadRequest when it changed in between, so
// that of two changes at once the second does not silently undo the first.
template <typename F>
storage::User changeCheckedUser(const VaultContext& context, const storage::User& checked,
                                F&& change) {
  return changeUser(context, checked.id, [&](storage::UserStore& users, storage::Transaction& tx) {
    const auto current = users.findById(checked.id);
    if (current && current->securityStamp != checked.securityStamp) {
      throw BadRequest("The account was changed at the same time. Log in again.");
    }
    return change(users, tx);
  });
}

}  // namespace coffer::vault
