// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/devices/device_json.h"

namespace coffer::vault {

bool isTrusted(const storage::Device& device) {
  return device.encryptedUserKey && device.encryptedPublicKey && device.encryptedPrivateKey;
}

void writeDevice(json::Writer& writer, const storage::Device& device,
                 const storage::AuthRequest* pending) {
  writer.beginObject()
      .field("id", device.identifier)
      .field("name", device.name)
      .field("type", device.type)
      .field("identifier", device.identifier)
      .dateField("creationDate", device.createdAt)
      .dateField("lastActivityDate", device.lastSeenAt)
      .field("isTrusted", isTrusted(device))
      .field("encryptedUserKey", device.encryptedUserKey)
      .field("encryptedPublicKey", device.encryptedPublicKey)
      .key("devicePendingAuthRequest");
  if (pending) {
    writer.beginObject().field("id", pending->id).dateField("creationDate", pending->createdAt);
    writer.endObject();
  } else {
    writer.value(nullptr);
  }
  writer.field("object", "device").endObject();
}

void writeProtectedDevice(json::Writer& writer, const storage::Device& device) {
  writer.beginObject()
      .field("id", device.identifier)
      .field("name", device.name)
      .field("type", device.type)
      .field("identifier", device.identifier)
      .dateField("creationDate", device.createdAt)
      .field("encryptedUserKey", device.encryptedUserKey)
      .field("encryptedPublicKey", device.encryptedPublicKey)
      .field("object", "protectedDevice")
      .endObject();
}

}  // namespace coffer::vault
