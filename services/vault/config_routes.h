// SPDX-License-Identifier: BSD-2-Clause
//
// What anybody may ask the vault about itself: its configuration for clients (vault-core 5.2), its
// version, the time, whether it is alive.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <string_view>
#include <vector>

namespace coffer::vault {

// The version of the official server whose behaviour this vault has; clients decide by it.
constexpr std::string_view kServerVersion = "2026.6.0";

// Only hides a button: who may register is decided when somebody tries.
[[nodiscard]] bool isRegistrationOff(const VaultContext& context);

std::vector<http::Route> configRoutes(const VaultContext& context);

}  // namespace coffer::vault
