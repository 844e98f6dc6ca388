// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sync/sync_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/accounts/profile_json.h"
#include "services/vault/ciphers/cipher_pages.h"
#include "services/vault/folders/folder_json.h"
#include "services/vault/respond.h"
#include "services/vault/two_factor/second_factors.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/user_store.h"

#include <optional>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

// Everything but the items, which come last so that all pages follow each other: up to the bracket
// that opens their list.
void writeHead(std::string& out, const storage::User& user, bool hasSecondFactor,
               const std::vector<storage::Folder>& folders, bool withDomains) {
  json::Writer writer(out);
  writer.beginObject().field("object", "sync").key("profile");
  writeProfile(writer, user, hasSecondFactor);
  writer.key("folders").beginArray();
  for (const auto& folder : folders) writeFolder(writer, folder);
  writer.endArray();
  writer.rawField("collections", "[]").rawField("policies", "[]").rawField("sends", "[]");
  writer.key("domains");
  if (withDomains) {
    writeDomains(writer, user);
  } else {
    writer.value(nullptr);
  }
  writer.key("userDecryption");
  writeUserDecryption(writer, user);
  writer.key("ciphers").beginArray();
}

http::Response sync(const VaultContext& context, http::Request& request) {
  const auto& session = request.attached<Session>();
  const bool withDomains =
      !equalsIgnoringCase(request.query("excludeDomains").value_or(""), "true");
  CipherPages pages(session.userId, request);
  std::string head;
  const bool more = context.database.read([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findById(session.userId);
    if (!user) throw Unauthorized("Unauthorized.", "the account is gone");
    writeHead(head, *user, context.secondFactors.isEnabledFor(tx, user->id),
              storage::FolderStore(tx).list(session.userId), withDomains);
    return pages.appendPage(tx, head);
  });
  return itemsResponse(context.database, std::move(head),
                       more ? std::optional(std::move(pages)) : std::nullopt, "]}");
}

}  // namespace

std::vector<http::Route> syncRoutes(const VaultContext& context) {
  return {{http::Method::Get, "/api/sync", context.session, http::kNoBody, http::Lane::Io,
           with(context, sync)}};
}

}  // namespace coffer::vault
