// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/web_vault_folder.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/base/unique_fd.h"
#include "appliance/runtime/gzip_copies.h"
#include "appliance/runtime/web_vault_archive.h"
#include "storage/blobs/durable_file.h"

#include <nlohmann/json.hpp>

#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace coffer::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndex = "index.html";
constexpr std::size_t kMaxVersionFile = 64 * KiB;

std::string withoutSlash(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

// "/srv/web-vault" → "/srv/.web-vault.new-": what an install that was cut short leaves behind.
std::string stagingPrefix(const fs::path& folder) {
  return (folder.parent_path() / ("." + folder.filename().string() + ".new-")).string();
}

void removeLeftovers(const fs::path& folder) {
  const std::string prefix = stagingPrefix(folder);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder.parent_path(), ignored)) {
    if (entry.path().string().starts_with(prefix)) fs::remove_all(entry.path(), ignored);
  }
}

// A new folder beside the other, removed with everything in it when it goes out of scope.
class Staging {
 public:
  explicit Staging(const fs::path& folder) : path_(stagingPrefix(folder) + toHex(randomBytes(8))) {
    if (::mkdir(path_.c_str(), 0755) != 0) throwSystemFault("mkdir " + path_.string());
  }
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

bool isWebVault(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / kIndex, ignored);
}

// The unpacked folder, or the only one in it: releases put one around everything.
fs::path findBuild(const fs::path& unpacked) {
  if (isWebVault(unpacked)) return unpacked;
  for (const auto& entry : fs::directory_iterator(unpacked)) {
    if (entry.is_directory() && isWebVault(entry.path())) return entry.path();
  }
  throw UsageError("the archive: there is no index.html in it, so it is no web vault");
}

void requireReplaceable(const fs::path& folder) {
  const auto status = fs::symlink_status(folder);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) throw UsageError(folder.string() + " is not a folder");
  if (!isWebVault(folder) && !fs::is_empty(folder)) {
    throw UsageError(folder.string() + " holds something that is no web vault");
  }
}

int renameWith(const fs::path& from, const fs::path& to, unsigned flags) {
  return static_cast<int>(
      ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags));
}

// After this `build` is at `folder`, and what was there is somewhere in `staging`.
void exchange(const fs::path& build, const fs::path& folder, const fs::path& staging) {
  if (!fs::exists(folder)) {
    fs::rename(build, folder);
  } else if (renameWith(build, folder, RENAME_EXCHANGE) != 0) {
    // A file system that cannot swap two names: the page of our own shows for a moment.
    if (errno != EINVAL && errno != ENOSYS) throwSystemFault("rename " + build.string());
    fs::rename(folder, staging / ".old");
    fs::rename(build, folder);
  }
  storage::syncDirectory(folder.parent_path().string());
}

// Everything that was written so far, in one go: a flush for each of a thousand files takes long.
void flushFileSystemOf(const fs::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) throwSystemFault("syncfs " + folder.string());
}

std::string versionOf(const fs::path& folder) {
  const auto text = storage::readSmallFile((folder / "version.json").string(), kMaxVersionFile);
  if (!text) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("version") || !json["version"].is_string()) return {};
  const std::string version = json["version"];
  const bool isPlain =
      std::all_of(version.begin(), version.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return isPlain && version.size() <= 64 ? version : std::string();
}

}  // namespace

std::optional<WebVaultInfo> describeWebVault(const std::string& folder) {
  if (!isWebVault(folder)) return std::nullopt;
  WebVaultInfo info;
  info.version = versionOf(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++info.files;
    info.bytes += entry.file_size();
  }
  return info;
}

WebVaultInfo installWebVault(std::string_view archive, const std::string& target) {
  const fs::path folder = fs::absolute(withoutSlash(target));
  requireReplaceable(folder);
  storage::makeDirectoriesDurably(folder.parent_path().string(), 0700);
  removeLeftovers(folder);
  const Staging staging(folder);
  unpackArchive(archive, staging.path().string());
  fs::path build = findBuild(staging.path());
  if (build == staging.path()) {  // The staging folder itself must stay one.
    const fs::path moved = stagingPrefix(folder) + toHex(randomBytes(8));
    fs::rename(build, moved);
    fs::create_directory(staging.path());
    build = staging.path() / "web-vault";
    fs::rename(moved, build);
  }
  addGzipCopies(build.string());
  flushFileSystemOf(build);
  exchange(build, folder, staging.path());
  return *describeWebVault(folder.string());
}

bool removeWebVault(const std::string& target) {
  const fs::path folder = fs::absolute(withoutSlash(target));
  requireReplaceable(folder);
  removeLeftovers(folder);
  if (!fs::exists(folder)) return false;
  const Staging staging(folder);
  fs::rename(folder, staging.path() / "web-vault");  // At once, and then file by file.
  storage::syncDirectory(folder.parent_path().string());
  return true;
}

}  // namespace coffer::runtime
