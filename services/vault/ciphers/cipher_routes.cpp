// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_routes.h"

#include "appliance/base/bytes.h"
#include "services/vault/ciphers/cipher_import.h"
#include "services/vault/ciphers/cipher_json.h"
#include "services/vault/ciphers/cipher_operations.h"
#include "services/vault/ciphers/cipher_pages.h"
#include "services/vault/client_version.h"
#include "services/vault/paged_answer.h"
#include "services/vault/respond.h"

#include <iterator>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

http::Response answer(const VaultContext& context, const http::Request& request,
                      const storage::CipherRow& row) {
  std::string body;
  appendCipher(body, viewOf(row), dialectOf(request), {context, request});
  return http::Response::json(std::move(body));
}

std::string idOf(const http::Request& request) { return toLowerAscii(request.param("id")); }

http::Response list(const VaultContext& context, http::Request& request) {
  CipherPages pages(context, request.attached<Session>().userId, request);
  return pagedList(context.database, [pages](storage::Transaction& tx, std::string& out) mutable {
    return pages.appendPage(tx, out);
  });
}

http::Response get(const VaultContext& context, http::Request& request) {
  return answer(context, request, findCipher(context, request.attached<Session>(), idOf(request)));
}

http::Response create(const VaultContext& context, http::Request& request) {
  const auto body = json::Document::parse(request.body());
  const auto form = CipherForm::parse(body.object(), context.options.maxNoteLength);
  return answer(context, request, createCipher(context, request.attached<Session>(), form));
}

// {cipher, collectionIds}: how an item is put into collections, or copied out of an organization
// into the caller's own vault, which takes no collections.
http::Response createInCollections(const VaultContext& context, http::Request& request) {
  const auto body = json::Document::parse(request.body());
  const auto form =
      CipherForm::parse(body.object().requiredObject("cipher"), context.options.maxNoteLength);
  if (form.organizationId && body.object().uuids("collectionIds").empty())
    throw BadRequest("You must select at least one collection.");
  return answer(context, request, createCipher(context, request.attached<Session>(), form));
}

// Scripts that name no version do what they are told to.
bool knowsPasskeys(const http::Request& request) {
  constexpr ClientVersion kPasskeys{2023, 10, 0};
  const auto version = clientVersionOf(request);
  return !version || *version >= kPasskeys;
}

http::Response update(const VaultContext& context, http::Request& request) {
  const auto body = json::Document::parse(request.body());
  const auto form = CipherForm::parse(body.object(), context.options.maxNoteLength);
  return answer(context, request,
                updateCipher(context, request.attached<Session>(), idOf(request), form,
                             knowsPasskeys(request)));
}

http::Response partial(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto body = document.object();
  const auto favorite = body.boolean("favorite");
  if (!favorite) body.fail("favorite", "The Favorite field is required.");
  return answer(context, request,
                setFolderAndFavorite(context, request.attached<Session>(), idOf(request),
                                     body.uuid("folderId"), *favorite));
}

http::Response importItems(const VaultContext& context, http::Request& request) {
  const auto form = ImportForm::parse(request.body(), context.options.maxNoteLength);
  importVault(context, request.attached<Session>(), form);
  return done();
}

}  // namespace

std::vector<http::Route> cipherRoutes(const VaultContext& context) {
  using enum http::Method;
  using http::kNoBody;
  using http::Lane;
  const auto& session = context.session;
  std::vector<http::Route> table = {
      {Get, "/api/ciphers", session, kNoBody, Lane::Io, with(context, list)},
      {Get, "/api/ciphers/{id}", session, kNoBody, Lane::Io, with(context, get)},
      {Get, "/api/ciphers/{id}/details", session, kNoBody, Lane::Io, with(context, get)},
      {Get, "/api/ciphers/{id}/full-details", session, kNoBody, Lane::Io, with(context, get)},

      {Post, "/api/ciphers", session, kJsonBody, Lane::Disk, with(context, create)},
      {Post, "/api/ciphers/create", session, kJsonBody, Lane::Disk,
       with(context, createInCollections)},
      {Post, "/api/ciphers/admin", session, kJsonBody, Lane::Disk,
       with(context, createInCollections)},
      {Post, "/api/ciphers/import", session, kJsonBody, Lane::Disk, with(context, importItems)},

      {Put, "/api/ciphers/{id}", session, kJsonBody, Lane::Disk, with(context, update)},
      {Post, "/api/ciphers/{id}", session, kJsonBody, Lane::Disk, with(context, update)},
      {Put, "/api/ciphers/{id}/partial", session, kSmallBody, Lane::Disk, with(context, partial)},
      {Post, "/api/ciphers/{id}/partial", session, kSmallBody, Lane::Disk, with(context, partial)},
  };
  auto bulk = cipherBulkRoutes(context);
  std::move(bulk.begin(), bulk.end(), std::back_inserter(table));
  return table;
}

}  // namespace coffer::vault
