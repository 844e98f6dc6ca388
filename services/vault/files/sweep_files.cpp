// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/sweep_files.h"

#include "appliance/base/log.h"
#include "services/vault/files/file_walk.h"
#include "services/vault/files/removed_files.h"
#include "services/vault/vault_context.h"
#include "storage/blobs/temp_sweep.h"
#include "storage/database/database.h"
#include "storage/stores/attachment_store.h"

namespace coffer::vault {
namespace {

constexpr UnixMicros kAnnouncementAge = 2 * kDay;
constexpr std::size_t kBatch = 500;
constexpr int kTempDepth = 2;  // The folders of items and Sends.

std::uint64_t removeAnnouncements(const VaultContext& context) {
  const auto before = context.clock.now() - kAnnouncementAge;
  std::uint64_t removed = 0;
  for (;;) {
    const auto n = context.database.write([&](storage::Transaction& tx) {
      return storage::AttachmentStore(tx).removeAnnounced(before, kBatch);
    });
    removed += static_cast<std::uint64_t>(n);
    if (n < static_cast<std::int64_t>(kBatch)) return removed;
  }
}

class Sweep {
 public:
  Sweep(const VaultContext& context, storage::FileKind kind)
      : context_(context), kind_(kind), before_(context.clock.now() - kFileOfNobodyAge) {}

  std::uint64_t run() {
    walkFiles(
        context_.files, kind_, [this](const FileOnDisk& file) { look(file); },
        [this](const FolderOnDisk& folder) { leave(folder); });
    return removed_;
  }

 private:
  void look(const FileOnDisk& file) {
    if (file.modified >= before_) return;
    const bool isKnown = context_.database.read([&](storage::Transaction& tx) {
      return storage::StoredFileStore(tx).find(kind_, file.owner, file.id).has_value();
    });
    if (isKnown) return;
    const auto path = pathOf(kind_, file.owner, file.id);
    context_.files.remove(path);
    ++removed_;
    log::warning("vault", "a file that nothing belongs to was removed",
                 {{"file", path}, {"bytes", file.size}});
  }

  // An owner that is there may be given a file at any moment. One that is not may be a Send whose
  // file, which has no name yet, comes before its row.
  void leave(const FolderOnDisk& folder) {
    if (folder.modified >= before_) return;
    const bool exists = context_.database.read([&](storage::Transaction& tx) {
      return storage::StoredFileStore(tx).ownerExists(kind_, folder.owner);
    });
    if (!exists)
      context_.files.removeEmptyFolder(std::string(folderOf(kind_)) + "/" + folder.owner);
  }

  const VaultContext& context_;
  storage::FileKind kind_;
  UnixMicros before_;
  std::uint64_t removed_ = 0;
};

}  // namespace

std::uint64_t sweepFiles(const VaultContext& context) {
  std::uint64_t removed = removeAnnouncements(context);
  removeFilesOfRemovedRows(context);
  removed +=
      storage::sweepTemps(context.files, context.clock.now(), kTempDepth, [] { return false; });
  for (const auto kind : kFileKinds) removed += Sweep(context, kind).run();
  return removed;
}

}  // namespace coffer::vault
