// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `ciphers`, the vault's items, and of `cipher_user_state`, what each reader makes of them.
//
// An item is stored as it will be sent. `body` is the part of its JSON object that is the same for
// every reader and is not a column: its members with the commas between them and without the braces
// around, such as `"reprompt":0,"name":"2.…","notes":null,"key":null,"login":{…}`. Whoever writes
// it validated and normalised it; readers splice it and never parse it. Not in the body: id,
// organizationId, type, folderId, favorite, edit, viewPassword, permissions, collectionIds,
// attachments and the four dates.
//
// Every query takes the reader, so a stranger's item and a missing one look the same. Today a
// reader sees what is personally theirs; `access` is where what organizations grant will appear.
// The caller bumps the account revision of those concerned (UserStore::bumpRevision).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"
#include "storage/stores/attachment_store.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct Cipher {
  std::string id;
  std::optional<std::string> userId;          // The owner of a personal item, or
  std::optional<std::string> organizationId;  // the organization; exactly one of the two.
  int type = 1;                               // 1 to 8, vault-core section 6.1.
  std::string body;
  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;             // Last change of what is shared.
  std::optional<UnixMicros> deletedAt;  // In the trash since.
};

// What one reader set for an item that others may see too.
struct CipherUserState {
  std::optional<std::string> folderId;
  bool favorite = false;
  std::optional<UnixMicros> archivedAt;
};

struct CipherAccess {
  bool edit = true;
  bool viewPassword = true;
  bool manage = true;  // May delete and restore where the organization limits that.
};

struct CipherRow {
  Cipher cipher;
  CipherUserState state;
  CipherAccess access;
  std::vector<Attachment> attachments;  // Whose files are there.
};

// A row seen in place: the texts are SQLite's own and end with the callback that was given them.
struct CipherView {
  std::string_view id;
  std::string_view organizationId;  // Empty: a personal item.
  std::string_view folderId;        // Empty: in no folder.
  std::string_view body;
  int type = 1;
  bool favorite = false;
  CipherAccess access;
  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;
  std::optional<UnixMicros> deletedAt;
  std::optional<UnixMicros> archivedAt;
  std::span<const Attachment> attachments;  // Whose files are there.
};

// An item that is gone, and who is to be told.
struct RemovedCipher {
  std::string id;
  std::optional<std::string> userId;
  std::optional<std::string> organizationId;
};

// Where a walk over the items stands. Start with a fresh one.
struct CipherCursor {
  std::int64_t after = 0;
};

class CipherStore {
 public:
  explicit CipherStore(Transaction& tx) : db_(tx.connection()), attachments_(tx) {}

  void insert(const Cipher& cipher);  // Throws Conflict if the id is taken.
  std::optional<CipherRow> find(std::string_view userId, std::string_view id);
  std::int64_t count(std::string_view userId);  // Personal items, trash included.

  using Visitor = std::function<void(const CipherView&)>;
  // Hands every item the user may see to `visit`, in the order of creation, from the cursor on
  // until the bodies handed out reach `limitBytes` (the last one may exceed it; at least one is
  // handed out). True while there may be more. Nothing is copied or parsed, but for attachments.
  [[nodiscard]] bool pageVisible(std::string_view userId, CipherCursor& cursor,
                                 std::size_t limitBytes, const Visitor& visit);

  // False if the user may not see the item; whether they may edit it is the caller's to ask.
  [[nodiscard]] bool update(std::string_view userId, std::string_view id, int type,
                            std::string_view body, UnixMicros revisedAt);
  // A folder that is not the user's own is stored as none.
  [[nodiscard]] bool setUserState(std::string_view userId, std::string_view id,
                                  const CipherUserState& state);

  // Each id that the user sees is done, every other is ignored; the answer is those done, each
  // once. moveToFolder: no folder takes the items out of theirs.
  std::vector<std::string> moveToFolder(std::string_view userId, std::span<const std::string> ids,
                                        std::optional<std::string_view> folderId);
  // Into the archive or out of it, into the trash or out of it; the revision moves on, by a
  // millisecond at least, so that an older copy is known to be one. Only those that changed.
  std::vector<std::string> archive(std::string_view userId, std::span<const std::string> ids,
                                   UnixMicros now);
  std::vector<std::string> unarchive(std::string_view userId, std::span<const std::string> ids,
                                     UnixMicros now);
  std::vector<std::string> trash(std::string_view userId, std::span<const std::string> ids,
                                 UnixMicros now);
  std::vector<std::string> restore(std::string_view userId, std::span<const std::string> ids,
                                   UnixMicros now);
  // For good, with their attachment rows; the files are the caller's to remove afterwards.
  std::vector<std::string> removeForever(std::string_view userId, std::span<const std::string> ids);
  std::vector<std::string> purge(std::string_view userId);  // Every personal item.

  // Whatever has been in the trash since before `time`, of everybody, the oldest first and at most
  // `most` of them. For good.
  std::vector<RemovedCipher> removeTrashedBefore(UnixMicros time, std::int64_t most);

  // The same for one item.
  [[nodiscard]] bool trash(std::string_view userId, std::string_view id, UnixMicros now);
  [[nodiscard]] bool restore(std::string_view userId, std::string_view id, UnixMicros now);
  [[nodiscard]] bool removeForever(std::string_view userId, std::string_view id);

 private:
  Connection& db_;
  AttachmentStore attachments_;
};

}  // namespace coffer::storage
