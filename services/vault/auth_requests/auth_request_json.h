// SPDX-License-Identifier: BSD-2-Clause
//
// A request as clients see it (vault-core 4.8). It counts as answered when `requestApproved` and
// `responseDate` are both there.
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/auth_request_store.h"

namespace coffer::vault {

enum class DeviceId { LeftOut, Included };  // `requestDeviceId`, in the list of pending ones only.

void writeAuthRequest(json::Writer& writer, const storage::AuthRequest& request,
                      DeviceId deviceId = DeviceId::LeftOut);

}  // namespace coffer::vault
