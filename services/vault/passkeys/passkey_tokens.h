// SPDX-License-Identifier: BSD-2-Clause
//
// The `token` that goes with the options of a passkey ceremony and comes back with its answer
// (vault-extras 6.1 and 6.2). It is signed, carries the challenge and whose it is, and is good for
// one answer, right or wrong.
#pragma once

#include "services/vault/vault_context.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// A token of one is worth nothing in another.
enum class PasskeyCeremony {
  Login,     // Nobody is known yet.
  Creation,  // By a session.
  KeySet,    // By a session: let an existing passkey unlock.
};

struct PasskeyChallenge {
  std::string challenge;  // Raw bytes.
  std::string token;
};

// `userId` is "" for Login. Signs: Hash lane.
PasskeyChallenge issuePasskeyChallenge(const VaultContext& context, PasskeyCeremony ceremony,
                                       std::string_view userId);

// The SHA-256 of the challenge; from here on the token is void. BadRequest when it is not one of
// this ceremony and user, too old or used. Durable; not inside a transaction.
std::string redeemPasskeyToken(const VaultContext& context, PasskeyCeremony ceremony,
                               std::string_view userId, std::string_view token);

}  // namespace coffer::vault
