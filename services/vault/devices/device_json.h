// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/auth_request_store.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {

// True when the device holds all three keys that trust takes.
[[nodiscard]] bool isTrusted(const storage::Device& device);

// `pending` is the newest unanswered request to log in with its help; null: none.
void writeDevice(json::Writer& writer, const storage::Device& device,
                 const storage::AuthRequest* pending);
void writeProtectedDevice(json::Writer& writer, const storage::Device& device);

}  // namespace coffer::vault
