// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_json.h"

#include "services/vault/files/size_name.h"
#include "services/vault/sends/send_form.h"
#include "services/vault/sends/send_id.h"

#include <optional>

namespace coffer::vault {
namespace {

using storage::SendType;

void writeContent(json::Writer& writer, const storage::Send& send) {
  const bool isFile = send.type == SendType::File;
  writer.rawField("text", isFile ? "null" : send.data);
  writer.rawField("file", isFile ? send.data : "null");
}

}  // namespace

std::string fileData(std::string_view fileId, std::string_view fileName, std::uint64_t size) {
  std::string data;
  json::Writer writer(data);
  writer.beginObject().field("id", fileId).field("fileName", fileName);
  writer.field("size", std::to_string(size)).field("sizeName", sizeName(size)).endObject();
  return data;
}

void writeSend(json::Writer& writer, const storage::Send& send) {
  const auto password = send.password ? std::optional(kPasswordMarker) : std::nullopt;
  writer.beginObject().field("id", send.id).field("accessId", accessIdOf(send.id));
  writer.field("type", static_cast<int>(send.type)).field("authType", static_cast<int>(send.auth));
  writer.field("name", send.name).field("notes", send.notes);
  writeContent(writer, send);
  writer.field("key", send.key).field("maxAccessCount", send.maxAccessCount);
  writer.field("accessCount", send.accessCount).field("password", password);
  writer.field("emails", send.emails).field("disabled", send.disabled);
  writer.field("hideEmail", send.hideEmail).dateField("revisionDate", send.revisedAt);
  writer.dateField("expirationDate", send.expiresAt).dateField("deletionDate", send.deletionAt);
  writer.field("object", "send").endObject();
}

void writeFileUpload(json::Writer& writer, const storage::Send& send) {
  constexpr int direct = 0;  // To this server.
  const std::string url = "/sends/" + send.id + "/file/" + send.fileId.value_or("");
  writer.beginObject().field("fileUploadType", direct).field("object", "send-fileUpload");
  writer.field("url", url).key("sendResponse");
  writeSend(writer, send);
  writer.endObject();
}

void writeSendAccess(json::Writer& writer, const storage::SharedSend& shared) {
  const storage::Send& send = shared.send;
  const auto creator = send.hideEmail ? std::nullopt : std::optional(shared.ownerEmail);
  writer.beginObject().field("id", accessIdOf(send.id)).field("type", static_cast<int>(send.type));
  writer.field("authType", static_cast<int>(send.auth)).field("name", send.name);
  writeContent(writer, send);
  writer.dateField("expirationDate", send.expiresAt).field("creatorIdentifier", creator);
  writer.field("object", "send-access").endObject();
}

void writeFileDownload(json::Writer& writer, std::string_view fileId, std::string_view url) {
  writer.beginObject().field("id", fileId).field("url", url);
  writer.field("object", "send-fileDownload").endObject();
}

}  // namespace coffer::vault
