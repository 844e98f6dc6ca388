// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/sqlite_fault.h"

#include "appliance/base/fault.h"

#include <sqlite3.h>

#include <cerrno>
#include <string>

namespace coffer::storage {
namespace {

int primaryCode(int code) { return code & 0xff; }

// SQLite calls a full disk FULL but an exceeded quota an I/O error.
bool isOutOfSpace(sqlite3* db, int code) {
  if (primaryCode(code) == SQLITE_FULL) return true;
  if (primaryCode(code) != SQLITE_IOERR || db == nullptr) return false;
  const int error = sqlite3_system_errno(db);
  return error == ENOSPC || error == EDQUOT;
}

bool isKeyConflict(int code) {
  return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
         code == SQLITE_CONSTRAINT_ROWID || code == SQLITE_CONSTRAINT_FOREIGNKEY;
}

}  // namespace

void throwSqliteFault(sqlite3* db, int code, std::string_view what) {
  std::string detail(what);
  detail += ": ";
  detail += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  detail += " (SQLite code " + std::to_string(code) + ")";
  if (isOutOfSpace(db, code)) throw InsufficientStorage("Insufficient Storage", detail);
  if (isKeyConflict(code)) throw Conflict("Conflict", detail);
  if (primaryCode(code) == SQLITE_BUSY || primaryCode(code) == SQLITE_LOCKED) {
    throw Unavailable("Service Unavailable", detail);
  }
  throw Fault(FaultKind::Internal, "Internal Server Error", detail);
}

bool isDiskFailure(sqlite3* db, int code) {
  const int primary = primaryCode(code);
  return (primary == SQLITE_IOERR && !isOutOfSpace(db, code)) || primary == SQLITE_CORRUPT ||
         primary == SQLITE_NOTADB || primary == SQLITE_READONLY;
}

}  // namespace coffer::storage
