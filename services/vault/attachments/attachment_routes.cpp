// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_routes.h"

#include "appliance/base/bytes.h"
#include "services/vault/attachments/attachment_json.h"
#include "services/vault/attachments/attachment_operations.h"
#include "services/vault/attachments/attachment_uploads.h"
#include "services/vault/ciphers/cipher_json.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/files/file_download.h"
#include "services/vault/files/file_upload.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"

#include <algorithm>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

const Session& sessionOf(const http::Request& request) { return request.attached<Session>(); }
std::string cipherOf(const http::Request& request) { return toLowerAscii(request.param("id")); }
std::string idOf(const http::Request& request) { return toLowerAscii(request.param("aid")); }

[[noreturn]] void unknown() { throw NotFound(std::string(kNotFoundText)); }

std::string itemJson(const VaultContext& context, const http::Request& request,
                     const storage::CipherRow& row) {
  std::string item;
  appendCipher(item, viewOf(row), dialectOf(request), {context, request});
  return item;
}

// Where the file is to be sent; clients put the address together themselves.
void writeTarget(json::Writer& writer, std::string_view cipherId, std::string_view id) {
  constexpr int kDirect = 0;
  writer.field("object", "attachment-fileUpload").field("attachmentId", id);
  writer.field("url", "/ciphers/" + std::string(cipherId) + "/attachment/" + std::string(id));
  writer.field("fileUploadType", kDirect);
}

http::Response announce(const VaultContext& context, http::Request& request) {
  const auto body = json::Document::parse(request.body());
  const auto form = readAnnouncement(body.object());
  // On behalf of an organization, which nobody manages here.
  if (body.object().boolean("adminRequest").value_or(false)) unknown();
  const auto cipherId = cipherOf(request);
  const auto added = announceAttachment(context, sessionOf(request), cipherId, form);
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    writeTarget(writer, cipherId, added.id);
    writer.rawField("cipherResponse", itemJson(context, request, added.row));
    writer.field("cipherMiniResponse", nullptr).endObject();
  });
}

http::Response get(const VaultContext& context, http::Request& request) {
  const auto cipherId = cipherOf(request);
  const auto attachment =
      findAttachment(context, sessionOf(request), cipherId, idOf(request), Stage::Uploaded);
  return jsonAnswer([&](json::Writer& writer) {
    writeAttachment(writer, cipherId, attachment, {context, request});
  });
}

http::Response renew(const VaultContext& context, http::Request& request) {
  const auto cipherId = cipherOf(request);
  const auto attachment =
      findAttachment(context, sessionOf(request), cipherId, idOf(request), Stage::Announced);
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    writeTarget(writer, cipherId, attachment.id);
    writer.endObject();
  });
}

http::Response remove(const VaultContext& context, http::Request& request) {
  const auto row = removeAttachment(context, sessionOf(request), cipherOf(request), idOf(request));
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject().field("object", "deleteAttachment");
    writer.rawField("cipher", itemJson(context, request, row)).endObject();
  });
}

// For those who manage an organization, and nobody does: the same as for an item that is not there.
http::Response refuse(const VaultContext&, http::Request&) { unknown(); }

http::Response fileByLink(const VaultContext& context, std::string_view cipherId,
                          std::string_view id, std::string_view token) {
  const bool opens = context.fileLinks.isValid(token, FilePurpose::Attachment, cipherId, id,
                                               context.clock.now()) &&
                     context.database.read([&](storage::Transaction& tx) {
                       return storage::AttachmentStore(tx).mayBeDownloaded(cipherId, id);
                     });
  if (!opens) unknown();
  return fileDownload(context, attachmentFile(cipherId, id));
}

http::Response download(const VaultContext& context, http::Request& request) {
  return fileByLink(context, cipherOf(request), idOf(request), request.query("token").value_or(""));
}

// The same by one token, "<item>.<attachment>.<token>".
http::Response downloadByToken(const VaultContext& context, http::Request& request) {
  const std::string text = request.query("token").value_or("");
  const auto first = std::min(text.find('.'), text.size());
  const auto second = std::min(text.find('.', first + 1), text.size());
  if (second == text.size()) unknown();
  const std::string_view all = text;
  return fileByLink(context, all.substr(0, first), all.substr(first + 1, second - first - 1),
                    all.substr(second + 1));
}

}  // namespace

std::vector<http::Route> attachmentRoutes(const VaultContext& context) {
  using enum http::Method;
  using http::kNoBody;
  using http::Lane;
  using http::Route;
  const auto& session = context.session;
  const auto limit = uploadLimit(context.options.maxAttachmentBytes);
  const auto upload = [&](std::string pattern, UploadOpener open) {
    return Route::upload(
        Post, std::move(pattern), session, limit,
        [&context, open](http::Request& request) { return open(context, request); });
  };
  const std::string all = "/api/ciphers/{id}/attachment";
  const std::string one = all + "/{aid}";
  return {
      {Post, all + "/v2", session, kSmallBody, Lane::Disk, with(context, announce)},
      upload(one, receiveAnnounced),
      upload(all, receiveInOneStep),
      upload(all + "-admin", refuseUpload),
      upload(one + "/share", refuseUpload),  // Into an organization.

      {Get, one, session, kNoBody, Lane::Io, with(context, get)},
      {Get, one + "/admin", session, kNoBody, Lane::Io, with(context, refuse)},
      {Get, one + "/renew", session, kNoBody, Lane::Io, with(context, renew)},

      {Delete, one, session, kSmallBody, Lane::Disk, with(context, remove)},
      {Post, one + "/delete", session, kSmallBody, Lane::Disk, with(context, remove)},
      {Delete, one + "/admin", session, kSmallBody, Lane::Disk, with(context, refuse)},
      {Post, one + "/delete-admin", session, kSmallBody, Lane::Disk, with(context, refuse)},

      {Get, "/attachments/{id}/{aid}", http::anyone(), kNoBody, Lane::Io, with(context, download)},
      {Get, "/api/ciphers/attachment/download", http::anyone(), kNoBody, Lane::Io,
       with(context, downloadByToken)},
  };
}

}  // namespace coffer::vault
