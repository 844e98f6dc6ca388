// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `sends`: what a person shares by a link (vault-extras section 2). `name`, `notes` and
// `key` are EncStrings, `data` is the JSON of the member `text` or `file` as it is sent; nothing
// here looks inside them.
//
// A file Send whose file has not arrived is announced: its row exists and counts towards the quota,
// but it is in no list and cannot be read. When a row goes, a trigger notes its file for removal.
// The caller bumps the owner's account revision (UserStore::bumpRevision).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"
#include "storage/stores/user_store.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

// Numbers of the protocol.
enum class SendType { Text = 0, File = 1 };
enum class SendAuth { Email = 0, Password = 1, None = 2 };

struct Send {
  std::string id;
  std::string userId;
  SendType type = SendType::Text;
  std::string name;
  std::optional<std::string> notes;
  std::string key;
  std::string data;

  SendAuth auth = SendAuth::None;
  std::optional<PasswordVerifier> password;  // Of SendAuth::Password.
  std::optional<std::string> emails;         // Of SendAuth::Email: lower case, commas between.

  std::optional<std::int64_t> maxAccessCount;
  std::int64_t accessCount = 0;
  bool disabled = false;
  bool hideEmail = false;

  std::optional<std::string> fileId;     // Of SendType::File; with the two below.
  std::optional<std::int64_t> fileSize;  // Bytes, as announced.
  std::optional<UnixMicros> uploadedAt;  // Nothing: the file has not arrived.

  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;
  std::optional<UnixMicros> expiresAt;  // Not read from then on.
  UnixMicros deletionAt = 0;            // Removed some time after this, and not read from then on.

  [[nodiscard]] bool isComplete() const { return type != SendType::File || uploadedAt; }
};

// What is asked about a Send on behalf of somebody who has its link.
struct SharedSend {
  Send send;
  std::string ownerEmail;
  bool ownerDisabled = false;
};

// An access that was counted, for telling the owner.
struct CountedAccess {
  std::string userId;
  UnixMicros revisedAt = 0;
};

// Where a walk over a person's Sends stands. Start with a fresh one.
struct SendCursor {
  std::string after;
};

class SendStore {
 public:
  explicit SendStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const Send& send);  // Throws Conflict if the id is taken.
  std::optional<Send> find(std::string_view userId, std::string_view id);
  // Whoever the owner is. Whether it may be read is the caller's to ask.
  std::optional<SharedSend> findShared(std::string_view id);

  using Visitor = std::function<void(const Send&)>;
  // Hands every complete Send of the user to `visit`, by id, from the cursor on until what was
  // handed out reaches `limitBytes` (the last one may exceed it; at least one is handed out). True
  // while there may be more.
  [[nodiscard]] bool page(std::string_view userId, SendCursor& cursor, std::size_t limitBytes,
                          const Visitor& visit);

  // Announced files too.
  std::uint64_t fileBytes(std::string_view userId);

  // Everything the owner may change; type, file and access count stay. False if it is gone.
  [[nodiscard]] bool update(const Send& send);
  // What is sealed with the owner's key. False if it is gone.
  [[nodiscard]] bool reseal(const Send& send);
  // Sets `data`, `fileSize`, `uploadedAt` and `revisedAt`. False if it is gone or its file arrived
  // before.
  [[nodiscard]] bool markUploaded(const Send& send);
  [[nodiscard]] bool remove(std::string_view userId, std::string_view id);
  // Those of a user whose files have not arrived; how many.
  std::int64_t removeAnnounced(std::string_view userId);

  // Counts one access if the Send may be read at `now`: not disabled, neither expired nor past its
  // deletion, its file there, accesses left, its owner not disabled. One statement decides and
  // counts, so that of two readers who want the last access one gets it.
  std::optional<CountedAccess> countAccess(std::string_view id, UnixMicros now);

  // Removes at most `most` Sends whose deletion date has passed, or whose files were announced
  // before `announcedBefore` and never arrived. The owners, one entry for each Send.
  std::vector<std::string> purge(UnixMicros now, UnixMicros announcedBefore, std::size_t most);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
