// SPDX-License-Identifier: BSD-2-Clause
//
// What the service does beside its requests, on one thread of its own: sweeps what crashed uploads
// left, removes deleted repositories, counts what is stored when that is in doubt, and saves the
// ledger.
#pragma once

#include "appliance/base/clock.h"
#include "services/restic/restic_options.h"
#include "services/restic/usage_ledger.h"
#include "storage/blobs/blob_store.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace coffer::restic {

class Upkeep {
 public:
  Upkeep(const ResticOptions& options, const Clock& clock, storage::BlobStore& blobs,
         UsageLedger& ledger);
  ~Upkeep();

  // Reads the saved ledger. With quotas and nothing trustworthy saved it counts first, which can
  // take a while and says so; otherwise counting goes on beside the traffic. Then starts the
  // thread.
  void start();
  // Ends the thread and closes the usage file. May be called twice.
  void stop();

  // The thread's work, also for tests. `stopped` is asked often.
  using Stopped = std::function<bool()>;
  std::size_t sweep(const Stopped& stopped);  // Number of files removed.
  void emptyTrash(const Stopped& stopped);
  void recount(const Stopped& stopped);

 private:
  void run(const std::stop_token& stop);
  void loadLedger();
  void openUsageFile();
  void save(bool isClosed);
  void saveIfChanged();
  [[nodiscard]] bool isSweepDue() const;
  [[nodiscard]] bool recountRepository(const std::string& name, const Stopped& stopped);
  std::string inDataFolder(std::string_view relative) const;

  const ResticOptions& options_;
  const Clock& clock_;
  storage::BlobStore& blobs_;
  UsageLedger& ledger_;

  // Only the thread's, and start()'s and stop()'s while it does not run.
  UnixMicros counted_ = 0;  // When everything was last counted without a change in between.
  UnixMicros nextRecount_ = 0;
  std::uint64_t savedVersion_ = 0;
  bool isStarted_ = false;
  bool isExact_ = false;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace coffer::restic
