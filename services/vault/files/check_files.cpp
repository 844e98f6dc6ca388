// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/check_files.h"

#include "services/vault/files/file_walk.h"
#include "storage/database/database.h"
#include "storage/stores/removed_file_store.h"

#include <optional>

namespace coffer::vault {
namespace {

using storage::FileKind;
using storage::StoredFile;
using storage::StoredFileStore;

constexpr std::size_t kPage = 500;
constexpr std::uint64_t kProgressStep = 1'000;

class Check {
 public:
  Check(storage::Database& database, const storage::BlobStore& files, UnixMicros now,
        const std::function<void(std::uint64_t)>& progress)
      : database_(database), files_(files), now_(now), progress_(progress) {}

  FileReport run() {
    for (const auto kind : kFileKinds) {
      lookAtRows(kind);
      walkFiles(files_, kind, [&](const FileOnDisk& file) { lookAtFile(kind, file); });
    }
    return std::move(report_);
  }

 private:
  void lookAtRows(FileKind kind) {
    std::string after;
    for (;;) {
      const auto page = database_.read(
          [&](storage::Transaction& tx) { return StoredFileStore(tx).page(kind, after, kPage); });
      for (const auto& row : page) lookAtRow(kind, row);
      if (page.size() < kPage) return;
      after = StoredFileStore::keyOf(kind, page.back());
    }
  }

  void lookAtRow(FileKind kind, const StoredFile& row) {
    count();
    ++report_.files;
    report_.bytes += row.size;
    const auto path = pathOf(kind, row.owner, row.id);
    const auto there = files_.find(path);
    if (there && there->size == row.size) return;
    const auto again = find(kind, row.owner, row.id);
    if (!again || !again->isUploaded) return;  // Removed meanwhile, its file first.
    report_.problems.push_back({there ? FileProblem::Kind::WrongSize : FileProblem::Kind::Missing,
                                path, row.size, there ? there->size : 0});
  }

  void lookAtFile(FileKind kind, const FileOnDisk& file) {
    count();
    if (find(kind, file.owner, file.id)) return;
    const auto path = pathOf(kind, file.owner, file.id);
    const bool isOnItsWayOut = database_.read(
        [&](storage::Transaction& tx) { return storage::RemovedFileStore(tx).contains(path); });
    if (!files_.find(path)) return;  // Removed meanwhile.
    if (isOnItsWayOut || file.modified > now_ - kFileOfNobodyAge) {
      ++report_.leftovers;
    } else {
      report_.problems.push_back({FileProblem::Kind::Unknown, path, 0, file.size});
    }
  }

  std::optional<StoredFile> find(FileKind kind, const std::string& owner, const std::string& id) {
    return database_.read(
        [&](storage::Transaction& tx) { return StoredFileStore(tx).find(kind, owner, id); });
  }

  void count() {
    if (++looked_ % kProgressStep == 0 && progress_) progress_(looked_);
  }

  storage::Database& database_;
  const storage::BlobStore& files_;
  UnixMicros now_;
  const std::function<void(std::uint64_t)>& progress_;
  std::uint64_t looked_ = 0;
  FileReport report_;
};

}  // namespace

const char* nameOf(FileProblem::Kind kind) {
  switch (kind) {
    case FileProblem::Kind::Missing:
      return "missing";
    case FileProblem::Kind::WrongSize:
      return "wrong size";
    case FileProblem::Kind::Unknown:
      return "unknown";
  }
  return "";
}

FileReport checkFiles(storage::Database& database, const storage::BlobStore& files, UnixMicros now,
                      const std::function<void(std::uint64_t)>& progress) {
  return Check(database, files, now, progress).run();
}

}  // namespace coffer::vault
