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
#include <vector>

namespace coffer::storage {

class RemovedFileStore {
 public:
  explicit RemovedFileStore(Transaction& tx) : db_(tx.connection()) {}

  std::vector<std::string> list(std::size_t most);  // Relative to the vault's folder.
  void forget(std::span<const std::string> paths);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
