// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_rotation.h"

#include "services/vault/accounts/form_fields.h"
#include "storage/stores/emergency_access_store.h"

namespace coffer::vault {
namespace {

struct SealedAnew {
  std::string id;
  std::string key;
};

std::optional<SealedAnew> readElement(const json::Object& element) {
  const auto id = element.uuid("id");
  if (!id) element.fail("id", "The Id field is required.");
  // Entries without a key are listed too, with nothing to replace.
  if (element.string("keyEncrypted").value_or("").empty()) return std::nullopt;
  return SealedAnew{*id, readSealed(element, "keyEncrypted")};
}

}  // namespace

RotationPart emergencyRotation(const RotationRequest& request) {
  auto sent =
      readRotationList<SealedAnew>(request.unlock, "emergencyAccessUnlockData", readElement);
  return [sent = std::move(sent)](storage::Transaction& tx, const std::string& userId,
                                  UnixMicros now) {
    storage::EmergencyAccessStore store(tx);
    RotationIds stored;
    for (const auto& contact : store.listByGrantor(userId)) {
      if (contact.access.keyEncrypted) stored.insert(contact.access.id);
    }
    requireSameIds(stored, rotationIds(sent, [](const auto& element) { return element.id; }),
                   "emergency access keys");
    for (const auto& element : sent) {
      requireReplaced(store.setKey(element.id, element.key, now), "emergency access");
    }
  };
}

}  // namespace coffer::vault
