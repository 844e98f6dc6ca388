// SPDX-License-Identifier: BSD-2-Clause
//
// Who the vault is to an authenticator: WebAuthn's "relying party" (vault-extras 4.6). Keys are
// bound to a host name for ever; a browser offers none at an IP address.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/vault_context.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

struct RelyingParty {
  std::string id;      // Host name, lower case: "vault.example.org".
  std::string origin;  // As browsers write it: "https://vault.example.org:8443".
  std::string name;    // Address of the vault, path included; some browsers show it.
  // What keys from before WebAuthn (U2F) were bound to; GET there says who else may use them.
  std::string appId;
};

// From the configured origin, or else from the request. Nothing when that is an IP address.
std::optional<RelyingParty> findRelyingParty(const VaultContext& context,
                                             const http::Request& request);
// As above; BadRequest instead of nothing.
RelyingParty relyingParty(const VaultContext& context, const http::Request& request);

// False when the configured origin is an IP address: no key can ever work there.
[[nodiscard]] bool canUseWebAuthn(const VaultOptions& options);

// The vault's own origin, or one of the official browser extensions, in which a passkey login
// happens under the vault's host name.
[[nodiscard]] bool isAllowedOrigin(const RelyingParty& party, std::string_view origin);

}  // namespace coffer::vault
