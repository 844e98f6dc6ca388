// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sync/sync_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/accounts/profile_json.h"
#include "services/vault/ciphers/cipher_pages.h"
#include "services/vault/domains/domain_json.h"
#include "services/vault/folders/folder_json.h"
#include "services/vault/paged_answer.h"
#include "services/vault/respond.h"
#include "services/vault/sends/send_pages.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/user_store.h"
#include "storage/stores/webauthn_store.h"

#include <optional>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

// Everything but Sends and items, which come last so that all pages follow each other: up to the
// bracket that opens the list of Sends.
void writeHead(std::string& out, const storage::User& user, const ProfileFacts& facts,
               const std::vector<storage::WebAuthnCredential>& passkeys,
               const std::vector<storage::Folder>& folders, bool withDomains) {
  json::Writer writer(out);
  writer.beginObject().field("object", "sync").key("profile");
  writeProfile(writer, user, facts);
  writer.key("folders").beginArray();
  for (const auto& folder : folders) writeFolder(writer, folder);
  writer.endArray();
  writer.rawField("collections", "[]").rawField("policies", "[]");
  writer.key("domains");
  if (withDomains) {
    writeDomains(writer, user, ExcludedGroups::LeftOut);
  } else {
    writer.value(nullptr);
  }
  writer.key("userDecryption");
  writeUserDecryption(writer, user, passkeys);
  writer.key("sends").beginArray();
}

// The two lists that may be long, one after the other, from the first Send on.
class SyncPages {
 public:
  SyncPages(const VaultContext& context, const std::string& userId, const http::Request& request)
      : sends_(userId), items_(context, userId, request) {}

  bool operator()(storage::Transaction& tx, std::string& out) {
    if (!sendsDone_) {
      if (sends_.appendPage(tx, out)) return true;
      out += R"(],"ciphers":[)";
      sendsDone_ = true;
    }
    return items_.appendPage(tx, out);
  }

 private:
  SendPages sends_;
  CipherPages items_;
  bool sendsDone_ = false;
};

http::Response sync(const VaultContext& context, http::Request& request) {
  const auto& session = request.attached<Session>();
  const bool withDomains =
      !equalsIgnoringCase(request.query("excludeDomains").value_or(""), "true");
  SyncPages pages(context, session.userId, request);
  std::string head;
  const bool more = context.database.read([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findById(session.userId);
    if (!user) throw Unauthorized("Unauthorized.", "the account is gone");
    writeHead(head, *user, readProfileFacts(context, tx, *user),
              storage::WebAuthnStore(tx).list(user->id, storage::WebAuthnKind::Passkey),
              storage::FolderStore(tx).list(session.userId), withDomains);
    return pages(tx, head);
  });
  return pagedAnswer(context.database, std::move(head),
                     more ? std::optional<Pages>(std::move(pages)) : std::nullopt, "]}");
}

}  // namespace

std::vector<http::Route> syncRoutes(const VaultContext& context) {
  return {{http::Method::Get, "/api/sync", context.session, http::kNoBody, http::Lane::Io,
           with(context, sync)}};
}

}  // namespace coffer::vault
