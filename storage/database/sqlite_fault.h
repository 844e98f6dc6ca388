// SPDX-License-Identifier: BSD-2-Clause
//
// The one place where SQLite's result codes become Faults.
//
//   disk full, over quota                       InsufficientStorage
//   a key taken, a row referred to missing      Conflict
//   locked by another process for too long      Unavailable
//   everything else                             Internal
#pragma once

#include <string_view>

struct sqlite3;

namespace coffer::storage {

// `what` names the query or the step, for the log. `db` may be null.
[[noreturn]] void throwSqliteFault(sqlite3* db, int code, std::string_view what);

// The last failure on this connection says that the disk did not do what it was asked to, for
// another reason than being full.
[[nodiscard]] bool isDiskFailure(sqlite3* db, int code);

}  // namespace coffer::storage
