// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/web_vault_archive.h"

#include "appliance/base/fault.h"
#include "appliance/runtime/gzip_check.h"
#include "storage/blobs/root_folder.h"

#include <sys/stat.h>

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace coffer::runtime {
namespace {

using storage::RootFolder;

struct Free {
  void operator()(::archive* archive) const { ::archive_read_free(archive); }
};
using Reader = std::unique_ptr<::archive, Free>;

[[noreturn]] void refuse(const std::string& why) { throw UsageError("the archive: " + why); }

[[noreturn]] void refuseBroken(::archive* reader) {
  const char* text = ::archive_error_string(reader);
  refuse(std::string("cannot be read: ") + (text != nullptr ? text : "not an archive"));
}

Reader open(std::string_view bytes) {
  Reader reader(::archive_read_new());
  auto* const raw = reader.get();
  // Only what libarchive decodes itself: for other filters it may call programs.
  const bool ok = raw != nullptr && ::archive_read_support_filter_gzip(raw) == ARCHIVE_OK &&
                  ::archive_read_support_filter_xz(raw) == ARCHIVE_OK &&
                  ::archive_read_support_format_tar(raw) == ARCHIVE_OK &&
                  ::archive_read_support_format_zip(raw) == ARCHIVE_OK;
  if (!ok) throw Fault(FaultKind::Internal, "libarchive knows neither tar nor zip");
  if (::archive_read_open_memory(raw, bytes.data(), bytes.size()) != ARCHIVE_OK) refuseBroken(raw);
  return reader;
}

// "./web-vault/app/" → "web-vault/app". Throws UsageError for a path that leads elsewhere.
std::string pathOf(::archive_entry* entry) {
  const char* text = ::archive_entry_pathname(entry);
  if (text == nullptr) refuse("a name in it cannot be read");
  std::string path = text;
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.ends_with('/')) path.pop_back();
  if (path == ".") path.clear();
  if (path.size() > 1024 || !storage::isRelativePath(path)) {
    refuse("\"" + path.substr(0, 200) + "\" is not a path below a folder");
  }
  return path;
}

// Makes the folder and those above it.
void makeFolders(const RootFolder& root, const std::string& path) {
  if (path.empty() || root.openFolder(path)) return;
  const std::string parent = storage::parentOf(path);
  makeFolders(root, parent);
  const UniqueFd above = root.openFolder(parent);
  if (!above ||
      (::mkdirat(above.get(), storage::lastNameOf(path).c_str(), 0755) != 0 && errno != EEXIST)) {
    throwSystemFault("mkdir " + root.absolute(path));
  }
}

class Unpacking {
 public:
  Unpacking(std::string_view archive, const std::string& folder, const UnpackLimits& limits)
      : reader_(open(archive)), root_(folder), limits_(limits) {}

  void run() {
    ::archive_entry* entry = nullptr;
    for (std::size_t count = 0;; ++count) {
      const int result = ::archive_read_next_header(reader_.get(), &entry);
      if (result == ARCHIVE_EOF) {
        if (count == 0) refuse("is empty, or none");
        return;
      }
      if (result != ARCHIVE_OK) refuseBroken(reader_.get());
      if (count == limits_.maxEntries) refuse("holds more files than a web vault has");
      take(entry);
    }
  }

 private:
  void take(::archive_entry* entry) {
    const std::string path = pathOf(entry);
    const auto type = ::archive_entry_filetype(entry);
    if (type == AE_IFDIR) return makeFolders(root_, path);
    const bool isPlain = type == AE_IFREG && ::archive_entry_hardlink(entry) == nullptr &&
                         ::archive_entry_symlink(entry) == nullptr;
    if (!isPlain || path.empty()) refuse("\"" + path + "\" is neither a file nor a folder");
    makeFolders(root_, storage::parentOf(path));
    const UniqueFd file = root_.open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (!file && errno == EEXIST) refuse("\"" + path + "\" is in it twice");
    if (!file) throwSystemFault("create " + root_.absolute(path));
    copyTo(file.get(), path);
  }

  void copyTo(int file, const std::string& path) {
    std::array<char, 64 * 1024> piece;
    for (;;) {
      const auto got = ::archive_read_data(reader_.get(), piece.data(), piece.size());
      if (got == 0) return;
      if (got < 0) refuseBroken(reader_.get());
      taken_ += static_cast<std::uint64_t>(got);
      if (taken_ > limits_.maxBytes) refuse("holds more than a web vault has");
      std::string_view rest(piece.data(), static_cast<std::size_t>(got));
      while (!rest.empty()) {
        const ssize_t n = ::write(file, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throwSystemFault("write " + root_.absolute(path));
        rest.remove_prefix(static_cast<std::size_t>(n));
      }
    }
  }

  const Reader reader_;
  const RootFolder root_;
  const UnpackLimits limits_;
  std::uint64_t taken_ = 0;
};

}  // namespace

void unpackArchive(std::string_view archive, const std::string& folder,
                   const UnpackLimits& limits) {
  if (!isIntactIfGzip(archive, limits.maxBytes)) refuse("is damaged or cut off");
  Unpacking(archive, folder, limits).run();
}

}  // namespace coffer::runtime
