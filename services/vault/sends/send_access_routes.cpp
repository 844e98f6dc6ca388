// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_access_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/files/file_download.h"
#include "services/vault/files/file_links.h"
#include "services/vault/respond.h"
#include "services/vault/sends/send_access.h"
#include "services/vault/sends/send_access_guard.h"
#include "services/vault/sends/send_id.h"
#include "services/vault/sends/send_json.h"

#include <optional>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

using storage::SendAuth;
using storage::SendType;
using storage::SharedSend;

http::Response answerAccess(const SharedSend& shared) {
  return jsonAnswer([&](json::Writer& writer) { writeSendAccess(writer, shared); });
}

http::Response answerDownload(const VaultContext& context, const http::Request& request,
                              const SharedSend& shared) {
  const std::string& id = shared.send.id;
  const std::string file = shared.send.fileId.value_or("");
  const auto token = context.fileLinks.sign(FilePurpose::Send, id, file, context.clock.now());
  const auto url = baseUrl(context, request) + "/api/sends/" + id + "/" + file + "?t=" + token;
  return jsonAnswer([&](json::Writer& writer) { writeFileDownload(writer, file, url); });
}

// A text is counted here, a file when its address is asked for.
http::Response access(const VaultContext& context, const SendGrant& grant) {
  const auto shared = requireReadable(context, grant.sendId);
  if (shared.send.type != SendType::File)
    return answerAccess(readSend(context, grant, std::nullopt));
  requireProof(context, shared.send, grant);
  return answerAccess(shared);
}

http::Response accessFile(const VaultContext& context, const http::Request& request,
                          const SendGrant& grant, std::string_view fileId) {
  return answerDownload(context, request, readSend(context, grant, fileId));
}

http::Response accessWithToken(const VaultContext& context, http::Request& request) {
  return access(context, request.attached<SendGrant>());
}

http::Response accessFileWithToken(const VaultContext& context, http::Request& request) {
  return accessFile(context, request, request.attached<SendGrant>(), request.param("fileId"));
}

// The protocol without tokens: whoever asks shows the password with each call.

// {"password": …}; old clients also send nothing at all.
std::optional<std::string> passwordIn(const http::Request& request) {
  if (trim(request.body()).empty()) return std::nullopt;
  const auto body = json::Document::parse(request.body());
  const auto password = body.object().string("password");
  if (!password || password->empty()) return std::nullopt;
  return std::string(*password);
}

// Runs then(grant) once the caller has shown what the Send asks for.
template <typename Then>
http::Response afterPassword(const VaultContext& context, http::Request& request, Then then) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto id = parseSendId(request.param("id"));
  if (!id) throw NotFound(std::string(kNotFoundText));
  auto shared = requireReadable(context, *id);
  // These clients know no codes by mail: for them there is no such Send.
  if (shared.send.auth == SendAuth::Email) throw NotFound(std::string(kNotFoundText));
  SendGrant grant{*id, sendProof(context, shared.send)};
  if (shared.send.auth == SendAuth::None) return then(request, grant);

  auto password = passwordIn(request);
  if (!password) throw Unauthorized("Password not provided.", "the Send has one");
  return http::Response::onLane(
      http::Lane::Hash, [&context, send = std::move(shared.send), grant = std::move(grant),
                         password = std::move(*password), then](http::Request& hashed) {
        if (!isRightPassword(context, send, password, hashed.clientAddress()))
          throw BadRequest("Invalid password.");
        return then(hashed, grant);
      });
}

http::Response accessByPassword(const VaultContext& context, http::Request& request) {
  return afterPassword(context, request, [&context](http::Request&, const SendGrant& grant) {
    return access(context, grant);
  });
}

http::Response accessFileByPassword(const VaultContext& context, http::Request& request) {
  return afterPassword(context, request,
                       [&context](http::Request& allowed, const SendGrant& grant) {
                         return accessFile(context, allowed, grant, allowed.param("fileId"));
                       });
}

// The link was counted when it was made: it serves although no access may be left by now.
http::Response download(const VaultContext& context, http::Request& request) {
  const std::string id = toLowerAscii(request.param("id"));
  const std::string file(request.param("fileId"));
  const UnixMicros now = context.clock.now();
  const auto token = request.query("t").value_or("");
  const bool isLinkGood = context.fileLinks.isValid(token, FilePurpose::Send, id, file, now);
  const auto shared = isLinkGood ? loadShared(context, id) : std::nullopt;
  const bool isThere = shared && shared->send.fileId == file && shared->send.isComplete() &&
                       !shared->send.disabled && !shared->ownerDisabled &&
                       now < shared->send.deletionAt;
  if (!isThere) throw NotFound(std::string(kNotFoundText));
  return fileDownload(context, sendFile(id, file));
}

}  // namespace

std::vector<http::Route> sendAccessRoutes(const VaultContext& context) {
  using enum http::Method;
  using http::Lane;
  const auto& all = http::anyone();
  const auto& token = context.sendAccess;
  return {
      {Post, "/api/sends/access", token, kSmallBody, Lane::Disk, with(context, accessWithToken)},
      {Post, "/api/sends/access/file/{fileId}", token, kSmallBody, Lane::Disk,
       with(context, accessFileWithToken)},

      {Post, "/api/sends/access/{id}", all, kSmallBody, Lane::Disk,
       with(context, accessByPassword)},
      {Post, "/api/sends/{id}/access/file/{fileId}", all, kSmallBody, Lane::Disk,
       with(context, accessFileByPassword)},

      {Get, "/api/sends/{id}/{fileId}", all, http::kNoBody, Lane::Io, with(context, download)},
  };
}

}  // namespace coffer::vault
