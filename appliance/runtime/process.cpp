// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/process.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>

namespace coffer::runtime {
namespace {

sigset_t handledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

std::string holderOf(int lock) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock, text.data(), text.size(), 0);
  const auto pid = trim(std::string_view(text.data(), size > 0 ? static_cast<size_t>(size) : 0));
  return parseUnsigned(pid) ? " (process " + std::string(pid) + ")" : "";
}

}  // namespace

void limitMemory() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  // Larger blocks come from mmap and go back whole when they are freed.
  ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

void prepareProcess() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

void tightenUmask(mode_t bits) { ::umask(::umask(077) | bits); }

void blockSignals() {
  const sigset_t set = handledSignals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signal waitForSignal() {
  const sigset_t set = handledSignals();
  int signal = 0;
  while (::sigwait(&set, &signal) != 0) {
  }
  return signal == SIGHUP ? Signal::Reload : Signal::Stop;
}

void becomeOwnerOf(const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  struct stat status {};
  for (auto folder = std::filesystem::absolute(path); ::stat(folder.c_str(), &status) != 0;
       folder = folder.parent_path()) {
    if (folder == folder.parent_path()) return;
  }
  if (status.st_uid == 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(status.st_gid) != 0 ||
      ::setuid(status.st_uid) != 0) {
    throw UsageError("cannot become the owner of " + path.string() + ": " + std::strerror(errno));
  }
}

DataDirLock::DataDirLock(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto path = folder / ".lock";
  lock_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) {
    throw UsageError("cannot use the data folder " + folder.string() + ": " + std::strerror(errno));
  }
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw UsageError("the data folder " + folder.string() + " is in use by another coffer" +
                     holderOf(lock_.get()));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  [[maybe_unused]] const bool told =
      ::ftruncate(lock_.get(), 0) == 0 && ::pwrite(lock_.get(), pid.data(), pid.size(), 0) > 0;
}

}  // namespace coffer::runtime
