// SPDX-License-Identifier: BSD-2-Clause
//
// Who may checkpoint. SQLite up to 3.51.2 can lose pages when two connections checkpoint while a
// third commits. Inside the process only the writer ever checkpoints; this lock extends the rule to
// other processes, such as `coffer vault user add` beside a running server. The first to come owns
// checkpointing and keeps it; while another one has the database open, the owner does not
// checkpoint. The kernel gives the locks back when a process dies.
//
// The file stands beside the database, "<database>-lock", and is never removed.
#pragma once

#include "appliance/base/unique_fd.h"

#include <filesystem>

namespace coffer::storage {

class CheckpointLock {
 public:
  // Waits for a checkpoint that another process is just doing. Throws Fault.
  explicit CheckpointLock(const std::filesystem::path& database);

  // True if this process may checkpoint now; every true is followed by end().
  [[nodiscard]] bool begin();
  void end();

 private:
  bool tryLock(short type, off_t byte);

  UniqueFd fd_;
  bool owner_ = false;
};

}  // namespace coffer::storage
