// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/devices/device_rotation.h"

#include "services/vault/accounts/form_fields.h"
#include "services/vault/devices/device_json.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

struct RotatedDevice {
  std::string identifier;
  std::string userKey;
  std::string publicKey;
};

std::optional<RotatedDevice> readDevice(const json::Object& device) {
  return RotatedDevice{std::string(device.requiredString("deviceId")),
                       readSealed(device, "encryptedUserKey"),
                       readSealed(device, "encryptedPublicKey")};
}

bool replaceTrust(storage::DeviceStore& devices, const std::string& userId,
                  const RotatedDevice& sent) {
  const auto device = devices.find(userId, sent.identifier);
  return device && devices.setTrust(userId, sent.identifier, sent.userKey, sent.publicKey,
                                    device->encryptedPrivateKey);
}

}  // namespace

RotationPart deviceRotation(const RotationRequest& request) {
  auto sent = readRotationList<RotatedDevice>(request.unlock, "deviceKeyUnlockData", readDevice);
  return [sent = std::move(sent)](storage::Transaction& tx, const std::string& userId, UnixMicros) {
    storage::DeviceStore devices(tx);
    RotationIds trusted;
    for (const auto& device : devices.list(userId)) {
      if (isTrusted(device)) trusted.insert(device.identifier);
    }
    requireSameIds(trusted,
                   rotationIds(sent, [](const RotatedDevice& device) { return device.identifier; }),
                   "trusted devices");
    for (const auto& device : sent) {
      requireReplaced(replaceTrust(devices, userId, device), "a trusted device");
    }
  };
}

}  // namespace coffer::vault
