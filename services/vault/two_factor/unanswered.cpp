// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/unanswered.h"

#include "appliance/base/log.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/two_factor/incomplete_logins.h"

namespace coffer::vault {

void refuseUnanswered(const VaultContext& context, const FactorLogin& login, const char* message,
                      const std::string& reason) {
  log::error("vault", message, {{"email", login.user.email}, {"reason", reason}});
  recordIncompleteLogin(context, login);
  throw IdentityError("invalid_grant", "second_factor_unavailable", message);
}

}  // namespace coffer::vault
