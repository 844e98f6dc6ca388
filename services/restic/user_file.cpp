// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/user_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "services/restic/password_hash.h"
#include "storage/blobs/durable_file.h"

#include <sys/stat.h>
#include <system_error>

#include <algorithm>
#include <cerrno>

namespace coffer::restic {
namespace {

constexpr std::size_t kMaxFileBytes = 16 * MiB;
constexpr std::chrono::milliseconds kLookInterval{250};

std::int64_t steadyNow() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

std::int64_t nanosecondsOf(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string reasonOf(int error) { return std::generic_category().message(error); }

// Kind and cost, without salt and digest: "$2y$10$", "{SHA}", "$6$rounds=9000$".
std::string costOf(const std::string& hash) {
  if (hash.starts_with("$2")) return hash.substr(0, 7);
  if (hash.starts_with("$5$rounds=") || hash.starts_with("$6$rounds=")) {
    return hash.substr(0, hash.find('$', 3) + 1);
  }
  return hash.substr(0, 3);
}

std::string decoyOf(const std::map<std::string, std::string>& hashes) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [user, hash] : hashes) ++counts[costOf(hash)];
  const auto commonest =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [user, hash] : hashes) {
    if (costOf(hash) == commonest->first) return decoyFor(hash);
  }
  return {};
}

}  // namespace

UserFile::UserFile(std::string path, WhenMissing whenMissing)
    : path_(std::move(path)), users_(std::make_shared<const Users>()) {
  const std::string cannot = "cannot load " + path_ + " (use --no-auth to disable): ";
  try {
    version_ = look();
    if (version_.exists) {
      users_ = read();
      log::info("restic", "Loaded htpasswd file " + path_);
    } else if (whenMissing == WhenMissing::Refuse) {
      throw UsageError(cannot + "open " + path_ + ": no such file or directory");
    }
  } catch (const Fault& fault) {
    throw UsageError(cannot + fault.detail());
  }
  nextLook_ = steadyNow() + kLookInterval / std::chrono::nanoseconds(1);
}

UserFile::Version UserFile::look() const {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throwSystemFault("stat " + path_);
  }
  return {true, info.st_ino, static_cast<std::uint64_t>(info.st_size), nanosecondsOf(info.st_mtim),
          nanosecondsOf(info.st_ctim)};
}

std::shared_ptr<const Users> UserFile::read() const {
  const auto text = storage::readSmallFile(path_, kMaxFileBytes);
  if (!text) throwSystemFault("open " + path_, ENOENT);
  Htpasswd file = parseHtpasswd(*text);
  for (const HtpasswdIssue& issue : file.issues) {
    log::warning("restic", issue.text, {{"file", path_}, {"line", std::uint64_t{issue.line}}});
  }
  auto users = std::make_shared<Users>();
  users->hashes = std::move(file.hashes);
  users->decoy = decoyOf(users->hashes);
  return users;
}

std::shared_ptr<const Users> UserFile::current() {
  std::int64_t due = nextLook_.load(std::memory_order_relaxed);
  const std::int64_t now = steadyNow();
  if (now >= due &&
      nextLook_.compare_exchange_strong(due, now + kLookInterval / std::chrono::nanoseconds(1))) {
    refresh(false);
  }
  const std::lock_guard lock(usersMutex_);
  return users_;
}

std::shared_ptr<const Users> UserFile::latest() {
  refresh(false);
  const std::lock_guard lock(usersMutex_);
  return users_;
}

void UserFile::reload() { refresh(true); }

void UserFile::refresh(bool force) {
  const std::lock_guard lock(refreshing_);
  try {
    const Version version = look();
    if (!version.exists) {
      if (version_.exists || force) {
        log::warning("restic", "Could not stat htpasswd file: " + reasonOf(ENOENT),
                     {{"file", path_}});
      }
      version_ = version;
      return;
    }
    if (version == version_ && !force) return;
    auto users = read();
    version_ = version;
    const std::lock_guard usersLock(usersMutex_);
    users_ = std::move(users);
  } catch (const Fault& fault) {
    log::error("restic", "Could not reload htpasswd file: " + fault.detail());
    return;
  }
  log::info("restic", "Reloaded htpasswd file", {{"file", path_}});
}

}  // namespace coffer::restic
