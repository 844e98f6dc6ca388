// SPDX-License-Identifier: BSD-2-Clause
//
// Files that are written once and never changed, below one folder: restic's objects, the vault's
// attachments. This is the only code that stores an upload.
//
// Names       Relative paths ("alice/data/ab/abcd…", root_folder.h). The caller decides who may use
//             which; the store only makes sure that none leaves its folder.
// Durability  When BlobWriter::commit() returns, the content, its name and every folder above it
//             survive a power cut. Until then no reader and no listing sees anything of it.
//             Removals are not flushed: after a power cut a removed file may be back.
// Errors      Absence is an empty optional. InsufficientStorage: the disk or its quota is full,
//             wherever that showed (open, mkdir, write, flush, link). Anything else is a Fault.
// Threads     Safe from any thread. Of two writers of one name the first commit wins; the other
//             gets Commit::AlreadyThere and has changed nothing.
// Lifetime    Writers must not outlive their store.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/unique_fd.h"
#include "storage/blobs/blob_writer.h"
#include "storage/blobs/durable_folders.h"
#include "storage/blobs/root_folder.h"

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace coffer::storage {

// Whether uploads in progress have a name. WhenNeeded finds out what the file system can do.
enum class TempNames { WhenNeeded, Always };

struct BlobStoreOptions {
  std::string root;          // Made, durably, when it is missing.
  mode_t folderMode = 0700;  // 0770 for stores a group shares. Always less the umask.
  mode_t fileMode = 0600;    // 0660
  TempNames temps = TempNames::WhenNeeded;
  Links links = Links::Refused;  // root_folder.h
};

struct BlobInfo {
  std::uint64_t size = 0;
  UnixMicros modified = 0;
};

struct OpenBlob {
  UniqueFd file;
  BlobInfo info;
};

class BlobStore {
 public:
  explicit BlobStore(BlobStoreOptions options);

  // Begins an upload. Missing folders are made. `announced` is the length the client promised: one
  // that cannot fit is refused here, before it is sent.
  std::unique_ptr<BlobWriter> create(const std::string& path,
                                     std::optional<std::uint64_t> announced, Hashing hashing);

  // Regular files only: a folder, link or device of that name counts as absent.
  std::optional<BlobInfo> find(const std::string& path) const;
  std::optional<OpenBlob> open(const std::string& path) const;  // For reading.

  // What was removed; nothing when there was no such file.
  std::optional<BlobInfo> remove(const std::string& path);

  // Flushes a file that is there already, and its name: for an upload that found its very content
  // stored, perhaps by a writer that has not finished its own flush.
  void makeDurable(const std::string& path);

  // Makes folders that are missing, with everything above them, durably.
  void makeFolders(std::span<const std::string> paths);
  [[nodiscard]] bool folderExists(const std::string& path) const;
  UniqueFd openFolder(const std::string& path) const;  // Empty when absent. Throws for the rest.

  // Removes a file or a folder with all it holds. Absent is fine. Follows no link. Ends early, with
  // the rest in place, when `stopped` says so.
  void removeTree(const std::string& path, const std::function<bool()>& stopped = {});
  // Removes a folder when nothing is in it; otherwise leaves it. The root always stays.
  void removeEmptyFolder(const std::string& path);
  // Moves a file or folder within the store, both names flushed. False when `from` is absent.
  [[nodiscard]] bool move(const std::string& from, const std::string& to);

  // True when uploads in progress have a name (kTempMark), because the file system cannot do
  // without: then a crash leaves files behind that a sweep must find. Decided at the first call.
  [[nodiscard]] bool usesNamedTemps();

  const RootFolder& root() const { return root_; }
  std::string absolute(std::string_view path) const { return root_.absolute(path); }

 private:
  friend class BlobWriter;
  UniqueFd openOrMakeFolder(const std::string& path);
  void makeFolder(const std::string& path);
  bool probeUnnamedTemps() const;

  BlobStoreOptions options_;
  RootFolder root_;
  DurableFolders folders_;
  std::once_flag probed_;
  std::atomic<bool> namedTemps_{false};
  std::mutex replaceMutex_;  // Serialises the check and the rename where no system call does both.
};

// What every name of an unfinished upload of ours contains: "<name>.coffer-temp<random>".
constexpr std::string_view kTempMark = ".coffer-temp";

}  // namespace coffer::storage
