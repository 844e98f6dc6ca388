// SPDX-License-Identifier: BSD-2-Clause
//
// The ledger on the disk: "<data folder>/.coffer/usage", a text file that docs/formats/
// restic-repository.md describes. Written with the state "open" while the server runs and "closed"
// when it has stopped in order: only the numbers of a closed file are exact.
#pragma once

#include "services/restic/usage.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::restic {

struct SavedUsage {
  bool isClosed = false;
  UnixMicros counted = 0;  // When everything was last counted from the disk; 0: never completely.
  UsageByRepository repositories;
};

std::string renderUsage(const SavedUsage& usage);
// Nothing for anything that is not a complete file of this format.
std::optional<SavedUsage> parseUsage(std::string_view text);

// Nothing when it is absent, unreadable or damaged; the last two are logged.
std::optional<SavedUsage> loadUsage(const std::string& path);
void saveUsage(const std::string& path, const SavedUsage& usage);  // Durable. Throws Fault.

}  // namespace coffer::restic
