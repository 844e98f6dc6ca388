// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {

// True when the device holds all three keys that trust takes.
[[nodiscard]] bool isTrusted(const storage::Device& device);

void writeDevice(json::Writer& writer, const storage::Device& device);
void writeProtectedDevice(json::Writer& writer, const storage::Device& device);

}  // namespace coffer::vault
