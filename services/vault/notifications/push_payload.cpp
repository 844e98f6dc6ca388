// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/push_payload.h"

#include "services/vault/json/writer.h"

namespace coffer::vault {
namespace {

void fieldOrNull(json::Writer& writer, std::string_view name, std::string_view text) {
  writer.key(name);
  if (text.empty()) {
    writer.value(nullptr);
  } else {
    writer.value(text);
  }
}

void writePayload(json::Writer& writer, const Update& update) {
  writer.beginObject();
  switch (update.type) {
    case UpdateType::CipherUpdate:
    case UpdateType::CipherCreate:
    case UpdateType::CipherDelete:
      writer.field("id", update.id).field("userId", update.userId);
      writer.field("organizationId", nullptr).field("collectionIds", nullptr);
      writer.dateField("revisionDate", update.date);
      break;
    case UpdateType::FolderDelete:
    case UpdateType::FolderCreate:
    case UpdateType::FolderUpdate:
    case UpdateType::SendCreate:
    case UpdateType::SendUpdate:
    case UpdateType::SendDelete:
      writer.field("id", update.id).field("userId", update.userId);
      writer.dateField("revisionDate", update.date);
      break;
    case UpdateType::Ciphers:
    case UpdateType::Vault:
    case UpdateType::OrganizationKeys:
    case UpdateType::Settings:
    case UpdateType::LogOut:
      writer.field("userId", update.userId).dateField("date", update.date);
      break;
    case UpdateType::AuthRequest:
    case UpdateType::AuthRequestResponse:
      writer.field("id", update.id).field("userId", update.userId);
      break;
  }
  writer.endObject();
}

}  // namespace

std::string pushSendBody(const Update& update, const ActingDevice& acting) {
  std::string body;
  json::Writer writer(body);
  writer.beginObject().field("userId", update.userId).field("organizationId", nullptr);
  fieldOrNull(writer, "deviceId", acting.pushUuid);
  fieldOrNull(writer, "identifier", acting.identifier);
  writer.field("type", static_cast<int>(update.type)).key("payload");
  writePayload(writer, update);
  writer.field("clientType", nullptr).field("installationId", nullptr).endObject();
  return body;
}

std::string pushRegisterBody(const PushRegistration& device) {
  std::string body;
  json::Writer writer(body);
  writer.beginObject().field("deviceId", device.pushUuid).field("pushToken", device.pushToken);
  writer.field("userId", device.userId).field("type", device.deviceType);
  writer.field("identifier", device.identifier).rawField("organizationIds", "[]");
  writer.field("installationId", device.installationId).endObject();
  return body;
}

std::string pushDeleteBody(std::string_view pushUuid) {
  std::string body;
  json::Writer writer(body);
  writer.beginObject().field("id", pushUuid).endObject();
  return body;
}

bool isRelayed(const Update& update) {
  return update.organizationId.empty() && !update.collectionIds && update.onlyDevice.empty();
}

}  // namespace coffer::vault
