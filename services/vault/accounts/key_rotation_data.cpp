// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/key_rotation_data.h"

#include "services/vault/devices/device_json.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"
#include "storage/stores/emergency_access_store.h"
#include "storage/stores/user_store.h"
#include "storage/stores/webauthn_store.h"

namespace coffer::vault {
namespace {

// For whose public key the user key is sealed.
void writeContacts(json::Writer& writer, storage::Transaction& tx, std::string_view userId) {
  storage::UserStore users(tx);
  writer.key("emergencyAccessKeyData").beginArray();
  for (const auto& contact : storage::EmergencyAccessStore(tx).listByGrantor(userId)) {
    const auto& access = contact.access;
    if (!access.keyEncrypted || !access.granteeId) continue;
    const auto grantee = users.findById(*access.granteeId);
    if (!grantee || !grantee->keys.publicKey) continue;
    writer.beginObject()
        .field("id", access.id)
        .field("granteeId", access.granteeId)
        .field("granteeName", contact.name)
        .field("granteeEmail", contact.email)
        .field("publicKey", grantee->keys.publicKey)
        .field("object", "emergencyAccessKeyData")
        .endObject();
  }
  writer.endArray();
}

void writeDevices(json::Writer& writer, storage::Transaction& tx, std::string_view userId) {
  writer.key("trustedDeviceKeyData").beginArray();
  for (const auto& device : storage::DeviceStore(tx).list(userId)) {
    if (isTrusted(device)) writeProtectedDevice(writer, device);
  }
  writer.endArray();
}

void writePasskeys(json::Writer& writer, storage::Transaction& tx, std::string_view userId) {
  writer.key("passkeyKeyData").beginArray();
  for (const auto& passkey :
       storage::WebAuthnStore(tx).list(userId, storage::WebAuthnKind::Passkey)) {
    if (!passkey.isPrfEnabled()) continue;
    writer.beginObject()
        .field("id", passkey.id)
        .field("encryptedPublicKey", passkey.keys->publicKey)
        .field("encryptedUserKey", passkey.keys->userKey)
        .field("object", "passkeyKeyData")
        .endObject();
  }
  writer.endArray();
}

}  // namespace

http::Response getKeyRotationData(const VaultContext& context, http::Request& request) {
  const auto& session = request.attached<Session>();
  return context.database.read([&](storage::Transaction& tx) {
    return jsonAnswer([&](json::Writer& writer) {
      writer.beginObject().rawField("organizationPasswordResetKeyData", "[]");
      writeContacts(writer, tx, session.userId);
      writeDevices(writer, tx, session.userId);
      writePasskeys(writer, tx, session.userId);
      writer.field("object", "keyRotationData").endObject();
    });
  });
}

}  // namespace coffer::vault
