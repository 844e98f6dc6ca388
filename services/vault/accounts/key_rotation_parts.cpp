// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/key_rotation_parts.h"

#include "services/vault/ciphers/cipher_rotation.h"
#include "services/vault/devices/device_rotation.h"
#include "services/vault/emergency_access/emergency_rotation.h"
#include "services/vault/folders/folder_rotation.h"
#include "services/vault/passkeys/passkey_rotation.h"
#include "services/vault/sends/send_rotation.h"

namespace coffer::vault {
namespace {

// Keys with which an organization may reset a member's password. No account is a member of any.
RotationPart recoveryKeyRotation(const RotationRequest& request) {
  const auto sent =
      rotationIds(readRotationList<std::string>(
                      request.unlock, "organizationAccountRecoveryUnlockData",
                      [](const json::Object& key) { return key.uuid("organizationId"); }),
                  [](const std::string& id) { return id; });
  return [sent](storage::Transaction&, const std::string&, UnixMicros) {
    requireSameIds({}, sent, "reset password keys");
  };
}

}  // namespace

std::vector<RotationPart> readRotationParts(const RotationRequest& request) {
  return {
      cipherRotation(request),      folderRotation(request),  sendRotation(request),
      deviceRotation(request),      passkeyRotation(request), emergencyRotation(request),
      recoveryKeyRotation(request),
  };
}

void requireSameIds(const RotationIds& stored, const RotationIds& sent, std::string_view what) {
  for (const auto& id : stored) {
    if (!sent.contains(id)) {
      throw BadRequest("All existing " + std::string(what) + " must be included in the rotation");
    }
  }
  if (sent.size() != stored.size()) {
    throw BadRequest("The rotation includes " + std::string(what) + " that do not exist");
  }
}

void requireReplaced(bool isReplaced, std::string_view what) {
  if (!isReplaced) {
    throw Fault(FaultKind::Internal, "Internal Server Error",
                std::string(what) + " vanished during a rotation");
  }
}

}  // namespace coffer::vault
