// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/casing.h"
#include "services/vault/ciphers/cipher_bulk.h"
#include "services/vault/ciphers/cipher_json.h"
#include "services/vault/ciphers/cipher_routes.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/respond.h"

#include <string>
#include <utility>

namespace coffer::vault {
namespace {

const Session& sessionOf(const http::Request& request) { return request.attached<Session>(); }

CipherIds idOf(const http::Request& request) { return {toLowerAscii(request.param("id"))}; }

CipherIds idsIn(const json::Object& body) {
  if (body.isNull("ids")) body.fail("ids", "The Ids field is required.");
  return body.uuids("ids");
}

CipherIds idsOf(const http::Request& request) {
  return idsIn(json::Document::parse(request.body()).object());
}

http::Response answer(const VaultContext& context, const http::Request& request,
                      const std::vector<storage::CipherRow>& rows) {
  std::string body;
  appendCipher(body, viewOf(rows.at(0)), dialectOf(request), {context, request});
  return http::Response::json(std::move(body));
}

http::Response listAnswer(const VaultContext& context, const http::Request& request,
                          const std::vector<storage::CipherRow>& rows) {
  const AttachmentLinks links(context, request);
  return vault::listAnswer(rows, [&](json::Writer& writer, const storage::CipherRow& row) {
    std::string item;
    appendCipher(item, viewOf(row), dialectOf(request), links);
    writer.raw(item);
  });
}

http::Response move(const VaultContext& context, http::Request& request) {
  const auto body = json::Document::parse(request.body());
  moveCiphers(context, sessionOf(request), idsIn(body.object()), body.object().uuid("folderId"));
  return done();
}

http::Response trashOne(const VaultContext& context, http::Request& request) {
  trashCiphers(context, sessionOf(request), idOf(request), Unknown::NotFound);
  return done();
}

http::Response trashMany(const VaultContext& context, http::Request& request) {
  trashCiphers(context, sessionOf(request), idsOf(request), Unknown::Ignored);
  return done();
}

http::Response removeOne(const VaultContext& context, http::Request& request) {
  removeCiphers(context, sessionOf(request), idOf(request), Unknown::NotFound);
  return removed(request);
}

http::Response removeMany(const VaultContext& context, http::Request& request) {
  removeCiphers(context, sessionOf(request), idsOf(request), Unknown::Ignored);
  return done();
}

http::Response restoreOne(const VaultContext& context, http::Request& request) {
  return answer(context, request,
                restoreCiphers(context, sessionOf(request), idOf(request), Unknown::NotFound));
}

http::Response restoreMany(const VaultContext& context, http::Request& request) {
  return listAnswer(context, request,
                    restoreCiphers(context, sessionOf(request), idsOf(request), Unknown::Ignored));
}

template <Archive archive>
http::Response archiveOne(const VaultContext& context, http::Request& request) {
  return answer(
      context, request,
      archiveCiphers(context, sessionOf(request), idOf(request), archive, Unknown::NotFound));
}

template <Archive archive>
http::Response archiveMany(const VaultContext& context, http::Request& request) {
  return listAnswer(
      context, request,
      archiveCiphers(context, sessionOf(request), idsOf(request), archive, Unknown::Ignored));
}

http::Response purge(const VaultContext& context, http::Request& request) {
  if (request.query("organizationId")) throw NotFound(std::string(kNotFoundText));
  const auto body = json::Document::parse(request.body());
  requireSecret(context, sessionOf(request), body.object());
  purgeVault(context, sessionOf(request));
  return done();
}

}  // namespace

std::vector<http::Route> cipherBulkRoutes(const VaultContext& context) {
  using enum http::Method;
  const auto& guard = context.session;
  // A write that takes a list of ids of any length, and one whose target is its path.
  const auto many = [&](http::Method method, const char* pattern, auto handler) {
    return http::Route(method, pattern, guard, kJsonBody, http::Lane::Disk, with(context, handler));
  };
  const auto one = [&](http::Method method, const char* pattern, auto handler) {
    return http::Route(method, pattern, guard, kSmallBody, http::Lane::Disk,
                       with(context, handler));
  };
  return {
      many(Put, "/api/ciphers/move", move),
      many(Post, "/api/ciphers/move", move),

      one(Put, "/api/ciphers/{id}/delete", trashOne),
      many(Put, "/api/ciphers/delete", trashMany),
      one(Put, "/api/ciphers/{id}/restore", restoreOne),
      many(Put, "/api/ciphers/restore", restoreMany),

      one(Delete, "/api/ciphers/{id}", removeOne),
      one(Post, "/api/ciphers/{id}/delete", removeOne),
      many(Delete, "/api/ciphers", removeMany),
      many(Post, "/api/ciphers/delete", removeMany),

      one(Put, "/api/ciphers/{id}/archive", archiveOne<Archive::Put>),
      one(Put, "/api/ciphers/{id}/unarchive", archiveOne<Archive::Take>),
      many(Put, "/api/ciphers/archive", archiveMany<Archive::Put>),
      many(Put, "/api/ciphers/unarchive", archiveMany<Archive::Take>),

      {Post, "/api/ciphers/purge", guard, kSmallBody, http::Lane::Hash, with(context, purge)},
  };
}

}  // namespace coffer::vault
