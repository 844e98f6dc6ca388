// SPDX-License-Identifier: BSD-2-Clause
//
// What clients see of passkeys (vault-extras 6).
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/webauthn_store.h"

#include <span>

namespace coffer::vault {

// An element of GET /api/webauthn.
void writePasskey(json::Writer& writer, const storage::WebAuthnCredential& passkey);

// `WebAuthnPrfOption` of the token endpoint, in its exact case. The passkey must unlock.
void writePrfOption(json::Writer& writer, const storage::WebAuthnCredential& passkey);

// `userDecryption.webAuthnPrfOptions` of sync: those passkeys that unlock, or null.
void writePrfOptions(json::Writer& writer, std::span<const storage::WebAuthnCredential> passkeys);

}  // namespace coffer::vault
