// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_login.h"

#include "appliance/base/log.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/passkeys/passkey_tokens.h"
#include "services/vault/passkeys/passkeys.h"
#include "services/vault/webauthn/options_json.h"
#include "storage/database/database.h"

#include <optional>
#include <string>

namespace coffer::vault {
namespace {

[[noreturn]] void refuse(const http::Request& request, const std::optional<storage::User>& user,
                         std::string_view reason) {
  log::error("vault",
             "Passkey was refused. IP: " + request.clientAddress() +
                 ". Username: " + (user ? user->email : "unknown") + ".",
             {{"reason", reason}});
  throw IdentityError("invalid_grant", "invalid_passkey", "The passkey was not accepted.");
}

std::optional<storage::User> findOwner(const VaultContext& context,
                                       const AssertionResponse& response) {
  const auto id = userIdOf(response.userHandle.value_or(""));
  if (!id) return std::nullopt;
  return context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findById(*id); });
}

}  // namespace

PasskeyLogin checkPasskeyLogin(const VaultContext& context, const http::Request& request,
                               const TokenForm& form) {
  std::optional<storage::User> owner;
  try {
    const auto challengeHash =
        redeemPasskeyToken(context, PasskeyCeremony::Login, "", form.get("token"));
    const auto document = json::Document::parse(form.get("deviceResponse"));
    const auto response = readAssertion(document.object());
    owner = findOwner(context, response);
    if (!owner) throw BadRequest("The passkey names no account.");
    auto passkey =
        usePasskey(context, relyingParty(context, request), owner->id, challengeHash, response);
    if (!owner->disabled) return {std::move(*owner), std::move(passkey)};
  } catch (const BadRequest& refusal) {
    refuse(request, owner, refusal.what());
  }
  refuse(request, owner, "the account is disabled");
}

}  // namespace coffer::vault
