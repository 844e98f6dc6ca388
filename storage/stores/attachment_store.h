// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `attachments`: files that belong to an item (vault-extras section 1). Name and key are
// EncStrings made by a client; nothing here looks inside them.
//
// An announced attachment has a row and counts towards its owner's quota, but no file yet: it is in
// no list and cannot be downloaded. When a row goes, a trigger notes its file for removal.
// Whether the caller may see or change the item is asked before (CipherStore::find).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct Attachment {
  std::string id;
  std::string fileName;
  std::optional<std::string> key;  // Nothing: sealed with the item's own key, as long ago.
  std::uint64_t size = 0;          // Bytes; of an announced one, as announced.
};

struct StoredAttachment {
  std::string cipherId;
  Attachment attachment;
  std::optional<UnixMicros> uploadedAt;  // Nothing: announced.
};

class AttachmentStore {
 public:
  explicit AttachmentStore(Transaction& tx) : db_(tx.connection()) {}

  // Throws Conflict if the id is taken.
  void insert(std::string_view cipherId, const Attachment& attachment, UnixMicros createdAt,
              std::optional<UnixMicros> uploadedAt);
  std::optional<StoredAttachment> find(std::string_view id);
  // Those whose files are there, oldest first.
  std::vector<Attachment> list(std::string_view cipherId);
  // Whether a link to it opens: its file is there, and the item's owner is not disabled.
  [[nodiscard]] bool mayBeDownloaded(std::string_view cipherId, std::string_view id);
  // Of a person's own items, announced ones included.
  std::uint64_t bytesOf(std::string_view userId);

  // False if it is gone or its file was there before. `size` is the file's.
  [[nodiscard]] bool markUploaded(std::string_view cipherId, std::string_view id,
                                  std::uint64_t size, UnixMicros now);
  // Sealed anew: the name, and the key where there is one. False if it is gone.
  [[nodiscard]] bool reseal(std::string_view cipherId, std::string_view id,
                            std::string_view fileName, const std::optional<std::string>& key);
  [[nodiscard]] bool remove(std::string_view cipherId, std::string_view id);
  // Those announced before `before` whose files never came, `most` at a time. How many.
  std::int64_t removeAnnounced(UnixMicros before, std::size_t most);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
