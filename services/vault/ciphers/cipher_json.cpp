// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_json.h"

#include "services/vault/json/writer.h"

#include <nlohmann/json.hpp>

namespace coffer::vault {
namespace {

// An identifier in quotes, or null for none. Identifiers are UUIDs: nothing in them needs escaping.
void appendId(json::Writer& writer, std::string_view name, std::string_view id) {
  if (id.empty()) {
    writer.field(name, nullptr);
  } else {
    writer.field(name, id);
  }
}

// The servers of 2019 show a login's members beside it as well (vault-core 10.3). Only their
// dialect pays for reading what is stored.
void appendLoginMembers(json::Writer& writer, std::string_view body) {
  const auto item = nlohmann::json::parse("{" + std::string(body) + "}", nullptr, false);
  const auto login = item.find("login");
  if (login == item.end() || !login->is_object()) return;
  for (const char* name : {"username", "password", "totp"}) {
    const auto value = login->find(name);
    writer.rawField(name, value == login->end() ? "null" : value->dump());
  }
}

}  // namespace

void appendCipher(std::string& out, const storage::CipherView& cipher, Dialect dialect,
                  const AttachmentLinks& links) {
  const bool current = dialect == Dialect::Current;
  const auto& access = cipher.access;
  json::Writer writer(out);
  writer.beginObject().field("object", current ? "cipherDetails" : "cipher");
  writer.field("id", cipher.id);
  appendId(writer, "organizationId", cipher.organizationId);
  appendId(writer, "folderId", cipher.folderId);
  writer.field("type", cipher.type);
  writer.field("favorite", cipher.favorite);
  writer.field("edit", access.edit).field("viewPassword", access.viewPassword);
  writer.key("permissions").beginObject();
  writer.field("delete", access.edit).field("restore", access.edit).endObject();
  // Clients show one-time codes when the account is premium, as all are here, or when this is true.
  writer.field("organizationUseTotp", current);
  writer.rawField("collectionIds", "[]");
  writeAttachments(writer.key("attachments"), cipher.id, cipher.attachments, links);
  writer.dateField("creationDate", cipher.createdAt).dateField("revisionDate", cipher.revisedAt);
  writer.dateField("deletedDate", cipher.deletedAt).dateField("archivedDate", cipher.archivedAt);
  if (!current) appendLoginMembers(writer, cipher.body);
  writer.rawMembers(cipher.body).endObject();
}

storage::CipherView viewOf(const storage::CipherRow& row) {
  storage::CipherView view;
  view.id = row.cipher.id;
  if (row.cipher.organizationId) view.organizationId = *row.cipher.organizationId;
  if (row.state.folderId) view.folderId = *row.state.folderId;
  view.body = row.cipher.body;
  view.type = row.cipher.type;
  view.favorite = row.state.favorite;
  view.access = row.access;
  view.createdAt = row.cipher.createdAt;
  view.revisedAt = row.cipher.revisedAt;
  view.deletedAt = row.cipher.deletedAt;
  view.archivedAt = row.state.archivedAt;
  view.attachments = row.attachments;
  return view;
}

}  // namespace coffer::vault
