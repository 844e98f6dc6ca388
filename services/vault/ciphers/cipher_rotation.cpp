// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_rotation.h"

#include "appliance/base/bytes.h"
#include "services/vault/attachments/attachment_resealing.h"
#include "services/vault/ciphers/cipher_form.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "storage/stores/cipher_store.h"

namespace coffer::vault {
namespace {

struct RotatedItem {
  std::string id;
  CipherForm form;
};

std::optional<RotatedItem> readItem(const json::Object& item, const RotationRequest& request) {
  if (item.uuid("organizationId")) return std::nullopt;
  const auto id = item.uuid("id");
  if (!id) item.fail("id", "The Id field is required.");
  RotatedItem read{*id, CipherForm::parse(item, request.options.maxNoteLength)};
  requireSealedFor(request.session, read.form);
  return read;
}

RotationIds personalItems(storage::CipherStore& ciphers, const std::string& userId) {
  RotationIds ids;
  storage::CipherCursor cursor;
  while (ciphers.pageVisible(userId, cursor, MiB, [&](const storage::CipherView& item) {
    if (item.organizationId.empty()) ids.emplace(item.id);
  })) {
  }
  return ids;
}

// The files whose keys were sealed with the user key must come with theirs sealed anew, or nobody
// could open them again. An item with a key of its own seals its files with that one.
void requireFileKeys(const storage::CipherRow& row, const CipherForm& form) {
  if (row.attachments.empty() || hasOwnKey(row.cipher.body)) return;
  RotationIds stored;
  RotationIds sent;
  for (const auto& attachment : row.attachments) {
    stored.insert(attachment.id);
    for (const auto& sealing : form.attachments)
      if (sealing.id == attachment.id && sealing.key) sent.insert(sealing.id);
  }
  requireSameIds(stored, sent, "attachments");
}

bool replaceItem(storage::Transaction& tx, const std::string& userId, const RotatedItem& item,
                 UnixMicros now) {
  storage::CipherStore ciphers(tx);
  auto row = ciphers.find(userId, item.id);
  if (!row) return false;
  requireFileKeys(*row, item.form);
  resealAttachments(tx, *row, item.form.attachments);
  const auto& stored = row->cipher;
  const int type = item.form.resolveType(stored.type);
  const int reprompt = item.form.reprompt.value_or(repromptOf(stored.body));
  return ciphers.update(userId, item.id, type, item.form.body(type, reprompt),
                        nextRevision(stored.revisedAt, now));
}

}  // namespace

RotationPart cipherRotation(const RotationRequest& request) {
  auto items = readRotationList<RotatedItem>(
      request.data, "ciphers", [&](const json::Object& item) { return readItem(item, request); });
  return [items = std::move(items)](storage::Transaction& tx, const std::string& userId,
                                    UnixMicros now) {
    storage::CipherStore ciphers(tx);
    requireSameIds(personalItems(ciphers, userId),
                   rotationIds(items, [](const RotatedItem& item) { return item.id; }), "ciphers");
    for (const auto& item : items) {
      requireReplaced(replaceItem(tx, userId, item, now), "an item");
    }
  };
}

}  // namespace coffer::vault
