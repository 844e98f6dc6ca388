// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_json.h"

namespace coffer::vault {
namespace {

void writeCommon(json::Writer& writer, const storage::EmergencyAccess& access) {
  writer.beginObject()
      .field("id", access.id)
      .field("status", static_cast<int>(access.status))
      .field("type", static_cast<int>(access.type))
      .field("waitTimeDays", access.waitTimeDays);
}

}  // namespace

void writeContact(json::Writer& writer, const storage::EmergencyContact& contact, OtherSide side) {
  const auto& access = contact.access;
  writeCommon(writer, access);
  if (side == OtherSide::Grantee) {
    writer.field("granteeId", access.granteeId);
  } else {
    writer.field("grantorId", access.grantorId);
  }
  writer.field("email", contact.email)
      .field("name", contact.name)
      .field("avatarColor", contact.avatarColor)
      .dateField("creationDate", access.createdAt)
      .field("object", side == OtherSide::Grantee ? "emergencyAccessGranteeDetails"
                                                  : "emergencyAccessGrantorDetails")
      .endObject();
}

void writeEmergencyAccess(json::Writer& writer, const storage::EmergencyAccess& access) {
  writeCommon(writer, access);
  writer.field("object", "emergencyAccess").endObject();
}

}  // namespace coffer::vault
