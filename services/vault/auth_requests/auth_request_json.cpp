// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/auth_requests/auth_request_json.h"

#include "services/vault/devices/device_types.h"

namespace coffer::vault {

void writeAuthRequest(json::Writer& writer, const storage::AuthRequest& request,
                      DeviceId deviceId) {
  writer.beginObject()
      .field("id", request.id)
      .field("publicKey", request.publicKey)
      .field("requestDeviceType", deviceTypeName(request.requestDeviceType))
      .field("requestDeviceTypeValue", request.requestDeviceType)
      .field("requestDeviceIdentifier", request.requestDeviceIdentifier)
      .field("requestIpAddress", request.requestIp)
      .field("requestCountryName", nullptr)
      .field("key", request.key)
      .field("masterPasswordHash", request.masterPasswordHash)
      .dateField("creationDate", request.createdAt)
      .dateField("responseDate", request.respondedAt)
      .field("requestApproved", request.approved.value_or(false))
      .field("origin", request.origin);
  if (deviceId == DeviceId::Included) {
    writer.field("requestDeviceId", request.requestDeviceIdentifier);
  }
  writer.field("object", "auth-request").endObject();
}

}  // namespace coffer::vault
