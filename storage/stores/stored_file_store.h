// SPDX-License-Identifier: BSD-2-Clause
//
// What rows say about files on the disk, whatever they belong to: for the sweep, which removes
// files that no row knows, and for `coffer check`, which looks for those that are missing.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "storage/database/transaction.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

enum class FileKind { Attachment, Send };

struct StoredFile {
  std::string owner;  // The item's or Send's id: the folder of the file.
  std::string id;     // The file's name there.
  std::uint64_t size = 0;
  bool isUploaded = false;  // False: announced, and the file is not expected yet.
};

class StoredFileStore {
 public:
  explicit StoredFileStore(Transaction& tx) : db_(tx.connection()) {}

  std::optional<StoredFile> find(FileKind kind, std::string_view owner, std::string_view id);
  [[nodiscard]] bool ownerExists(FileKind kind, std::string_view owner);
  // Files that must be there, in the order of a key that `after` continues: "" to begin, then what
  // keyOf() says of the last one.
  std::vector<StoredFile> page(FileKind kind, std::string_view after, std::size_t most);
  static const std::string& keyOf(FileKind kind, const StoredFile& file) {
    return kind == FileKind::Attachment ? file.id : file.owner;
  }

 private:
  Connection& db_;
};

}  // namespace coffer::storage
