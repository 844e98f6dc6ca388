// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `folders`. A name is ciphertext made by the client; nothing here looks inside it.
// Every query takes the owner, so a stranger's folder and a missing one look the same.
// The caller bumps the owner's account revision (UserStore::bumpRevision).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct Folder {
  std::string id;
  std::string userId;
  std::string name;  // EncString.
  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;
};

class FolderStore {
 public:
  explicit FolderStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const Folder& folder);  // Throws Conflict if the id is taken.
  std::optional<Folder> find(std::string_view userId, std::string_view id);
  std::vector<Folder> list(std::string_view userId);  // Oldest first.
  [[nodiscard]] bool owns(std::string_view userId, std::string_view id);
  std::int64_t count(std::string_view userId);

  [[nodiscard]] bool rename(std::string_view userId, std::string_view id, std::string_view name,
                            UnixMicros now);

  // The items inside stay and become unfiled.
  [[nodiscard]] bool remove(std::string_view userId, std::string_view id);
  std::vector<std::string> removeMany(std::string_view userId, std::span<const std::string> ids);
  std::int64_t removeAll(std::string_view userId);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
