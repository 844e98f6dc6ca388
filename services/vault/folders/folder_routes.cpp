// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/folders/folder_routes.h"

#include "appliance/base/bytes.h"
#include "services/vault/casing.h"
#include "services/vault/folders/folder_json.h"
#include "services/vault/folders/folder_operations.h"
#include "services/vault/respond.h"

#include <string>

namespace coffer::vault {
namespace {

const Session& sessionOf(const http::Request& request) { return request.attached<Session>(); }

std::string idOf(const http::Request& request) { return toLowerAscii(request.param("id")); }

std::string nameIn(const http::Request& request) {
  return folderName(json::Document::parse(request.body()).object());
}

http::Response answer(const storage::Folder& folder) {
  return jsonAnswer([&](json::Writer& writer) { writeFolder(writer, folder); });
}

http::Response list(const VaultContext& context, http::Request& request) {
  return listAnswer(listFolders(context, sessionOf(request)), writeFolder);
}

http::Response get(const VaultContext& context, http::Request& request) {
  return answer(findFolder(context, sessionOf(request), idOf(request)));
}

http::Response create(const VaultContext& context, http::Request& request) {
  return answer(createFolder(context, sessionOf(request), nameIn(request)));
}

http::Response rename(const VaultContext& context, http::Request& request) {
  return answer(renameFolder(context, sessionOf(request), idOf(request), nameIn(request)));
}

http::Response remove(const VaultContext& context, http::Request& request) {
  removeFolder(context, sessionOf(request), idOf(request));
  return removed(request);
}

http::Response removeMany(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto body = document.object();
  if (body.isNull("ids")) body.fail("ids", "The Ids field is required.");
  removeFolders(context, sessionOf(request), body.uuids("ids"));
  return done();
}

http::Response removeAll(const VaultContext& context, http::Request& request) {
  removeAllFolders(context, sessionOf(request));
  return done();
}

}  // namespace

std::vector<http::Route> folderRoutes(const VaultContext& context) {
  using enum http::Method;
  using http::kNoBody;
  using http::Lane;
  const auto& guard = context.session;
  return {
      {Get, "/api/folders", guard, kNoBody, Lane::Io, with(context, list)},
      {Get, "/api/folders/{id}", guard, kNoBody, Lane::Io, with(context, get)},
      {Post, "/api/folders", guard, kSmallBody, Lane::Disk, with(context, create)},
      {Put, "/api/folders/{id}", guard, kSmallBody, Lane::Disk, with(context, rename)},
      {Post, "/api/folders/{id}", guard, kSmallBody, Lane::Disk, with(context, rename)},
      {Delete, "/api/folders/{id}", guard, kSmallBody, Lane::Disk, with(context, remove)},
      {Post, "/api/folders/{id}/delete", guard, kSmallBody, Lane::Disk, with(context, remove)},
      {Delete, "/api/folders", guard, kJsonBody, Lane::Disk, with(context, removeMany)},
      {Delete, "/api/folders/all", guard, kSmallBody, Lane::Disk, with(context, removeAll)},
  };
}

}  // namespace coffer::vault
