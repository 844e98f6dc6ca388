// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/upkeep.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "services/restic/repository_stats.h"
#include "services/restic/state_folder.h"
#include "services/restic/usage_file.h"
#include "storage/blobs/durable_file.h"
#include "storage/blobs/temp_sweep.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <unistd.h>

namespace coffer::restic {
namespace {

// rest-server may be run on the same folder in between, and leaves named files when it crashes.
constexpr UnixMicros kSweepInterval = 7 * kDay;
constexpr int kSweepDepth = 4;  // folder, folder, data, ab
constexpr int kCountAttempts = 3;
constexpr UnixMicros kSoonAgain = 10 * kMinute;  // After a count that traffic got into.

std::string gibibytes(std::uint64_t bytes) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.2f GiB",
                static_cast<double>(bytes) / static_cast<double>(GiB));
  return text.data();
}

// What fails here must not take the service with it.
template <typename Work>
void tolerating(const char* what, Work&& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log::error("restic", what, {{"reason", error.what()}});
  }
}

}  // namespace

Upkeep::Upkeep(const ResticOptions& options, const Clock& clock, storage::BlobStore& blobs,
               UsageLedger& ledger)
    : options_(options), clock_(clock), blobs_(blobs), ledger_(ledger) {}

Upkeep::~Upkeep() { stop(); }

std::string Upkeep::inDataFolder(std::string_view relative) const {
  return blobs_.absolute(relative);
}

// A disk that cannot be written is no reason not to serve: who comes now comes to restore or prune.
void Upkeep::start() {
  tolerating("Cannot make the folder for the state of the service",
             [&] { blobs_.makeFolders(std::vector<std::string>{std::string(kStateFolder)}); });
  loadLedger();
  tolerating("Cannot save the usage of the repositories", [&] { openUsageFile(); });
  isStarted_ = true;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Upkeep::stop() {
  if (!isStarted_) return;
  isStarted_ = false;
  thread_.request_stop();
  thread_.join();
  tolerating("Cannot save the usage of the repositories", [&] { save(true); });
}

void Upkeep::loadLedger() {
  const auto saved = loadUsage(inDataFolder(kUsageFile));
  if (saved) {
    ledger_.restore(saved->repositories);
    counted_ = saved->counted;
    isExact_ = saved->isClosed && saved->counted != 0;
  }
  if (isExact_) {
    nextRecount_ = counted_ + std::chrono::microseconds(options_.recountInterval).count();
    return;
  }
  // An open file's numbers are off by what happened in its last minute: good enough to serve with
  // while counting. With none at all a quota would stand for nothing, so the count comes first.
  if (saved || !ledger_.limits().hasAny()) return;
  log::info("restic", "Initializing quota (can take a while)...");
  recount([] { return false; });
  log::info("restic", "Quota initialized, currently using " + gibibytes(ledger_.totalBytes()));
}

void Upkeep::run(const std::stop_token& stop) {
  const Stopped stopped = [&stop] { return stop.stop_requested(); };
  while (!stop.stop_requested()) {
    tolerating("Cannot sweep the data folder", [&] {
      if (isSweepDue()) sweep(stopped);
    });
    tolerating("Cannot remove deleted repositories", [&] { emptyTrash(stopped); });
    tolerating("Cannot count what is stored", [&] {
      if (clock_.now() >= nextRecount_) recount(stopped);
    });
    tolerating("Cannot save the usage of the repositories", [&] { saveIfChanged(); });
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, options_.saveInterval, [] { return false; });
  }
}

bool Upkeep::isSweepDue() const {
  struct stat mark {};
  if (::stat(inDataFolder(kSweepMark).c_str(), &mark) != 0) return true;
  return clock_.now() - mark.st_mtim.tv_sec * kSecond >= kSweepInterval;
}

std::size_t Upkeep::sweep(const Stopped& stopped) {
  const std::size_t removed = storage::sweepTemps(blobs_, clock_.now(), kSweepDepth, stopped);
  // Where uploads have names, every start must look again; see BlobStore::usesNamedTemps().
  if (!stopped() && !blobs_.usesNamedTemps()) {
    blobs_.makeFolders(std::vector<std::string>{std::string(kStateFolder)});
    storage::replaceFileDurably(inDataFolder(kSweepMark), "", 0600);
  }
  return removed;
}

void Upkeep::emptyTrash(const Stopped& stopped) {
  const std::string trash(kTrashFolder);
  if (blobs_.folderExists(trash)) blobs_.removeTree(trash, stopped);
}

void Upkeep::recount(const Stopped& stopped) {
  const UnixMicros begin = clock_.now();
  bool isExact = true;
  std::map<std::string, std::uint64_t> known;  // → number of changes before
  for (const auto& [name, usage] : ledger_.repositories()) known[name] = ledger_.changes(name);
  for (const std::string& name : findRepositories(blobs_)) {
    known.erase(name);
    if (!recountRepository(name, stopped)) isExact = false;
    if (stopped()) return;
  }
  for (const auto& [name, changes] : known) {
    if (changes != UsageLedger::kChanging && ledger_.changes(name) == changes) {
      ledger_.forget(name);
    }
  }
  if (isExact) counted_ = begin;
  isExact_ = isExact;
  nextRecount_ =
      begin + (isExact ? std::chrono::microseconds(options_.recountInterval).count() : kSoonAgain);
}

// Counts again when there was traffic meanwhile. A repository that is never quiet for long enough
// keeps what the ledger says, which can only be too low by what was there before it was known.
bool Upkeep::recountRepository(const std::string& name, const Stopped& stopped) {
  for (int attempt = 1; attempt <= kCountAttempts; ++attempt) {
    const std::uint64_t before = ledger_.changes(name);
    auto counted = countRepository(blobs_, name, stopped);
    if (!counted) return false;
    if (options_.privateRepositories) counted->owner = name.substr(0, name.find('/'));
    if (ledger_.correct(name, *counted, before)) return true;
    if (attempt == kCountAttempts && counted_ == 0) ledger_.raise(name, *counted);
  }
  return false;
}

// What is written says that the numbers may have gone stale. Where that cannot be said, the old
// file goes, so that a crash does not leave numbers behind that pass for exact.
void Upkeep::openUsageFile() {
  try {
    save(false);
  } catch (const Fault&) {
    ::unlink(inDataFolder(kUsageFile).c_str());
    throw;
  }
}

void Upkeep::save(bool isClosed) {
  const std::uint64_t version = ledger_.version();
  saveUsage(inDataFolder(kUsageFile), {.isClosed = isClosed && isExact_,
                                       .counted = counted_,
                                       .repositories = ledger_.repositories()});
  savedVersion_ = version;
}

void Upkeep::saveIfChanged() {
  if (ledger_.version() != savedVersion_) save(false);
}

}  // namespace coffer::restic
