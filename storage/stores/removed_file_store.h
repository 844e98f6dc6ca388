// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `removed_files`: files whose row is gone and which are to be removed from the disk.
// Triggers of the database write them, in the transaction that deletes the row.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "storage/database/transaction.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

class RemovedFileStore {
 public:
  explicit RemovedFileStore(Transaction& tx) : db_(tx.connection()) {}

  // Relative to the vault's folder, in order and from the one behind `after` on ("": from the
  // first).
  std::vector<std::string> list(std::string_view after, std::size_t most);
  [[nodiscard]] bool contains(std::string_view path);
  void forget(std::span<const std::string> paths);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
