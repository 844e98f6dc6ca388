// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/statement.h"

#include "storage/database/sqlite_fault.h"

#include <sqlite3.h>

#include <new>

namespace coffer::storage {
namespace {

// SQLite's markers for how long bound bytes live are function pointers made from integers.
sqlite3_destructor_type lifetime(Statement::Binding how) {
  return how == Statement::Binding::InPlace
             ? nullptr
             : reinterpret_cast<sqlite3_destructor_type>(static_cast<std::intptr_t>(-1));
}

// A null pointer would bind NULL instead of the empty text.
const char* start(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }

}  // namespace

std::optional<Blob> asBlob(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return Blob{*bytes};
}

Statement::Statement(sqlite3* db, const Sql& sql, bool& diskFailed)
    : db_(db), sql_(sql), diskFailed_(diskFailed) {
  const int code = sqlite3_prepare_v3(db, sql.text().data(), static_cast<int>(sql.text().size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
  if (code != SQLITE_OK) fail(code);
  for (int number = 1; number <= sql.parameters(); ++number) {
    const std::string name = "$" + std::to_string(number);
    positions_.push_back(sqlite3_bind_parameter_index(handle_, name.c_str()));
  }
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::fail(int code) {
  if (isDiskFailure(db_, code)) diskFailed_ = true;
  throwSqliteFault(db_, code, sql_.name());
}

void Statement::bind(int number, std::nullopt_t, Binding) {
  const int code = sqlite3_bind_null(handle_, position(number));
  if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int number, std::int64_t value, Binding) {
  const int code = sqlite3_bind_int64(handle_, position(number), value);
  if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int number, std::string_view text, Binding how) {
  const int code = sqlite3_bind_text64(handle_, position(number), start(text), text.size(),
                                       lifetime(how), SQLITE_UTF8);
  if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int number, Blob blob, Binding how) {
  const int code = sqlite3_bind_blob64(handle_, position(number), start(blob.bytes),
                                       blob.bytes.size(), lifetime(how));
  if (code != SQLITE_OK) fail(code);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(code);
  return false;
}

void Statement::reset() {
  sqlite3_reset(handle_);  // Repeats the code of a failed step, which was reported then.
  sqlite3_clear_bindings(handle_);
}

bool Statement::isNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(handle_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

}  // namespace coffer::storage
