// SPDX-License-Identifier: BSD-2-Clause
//
// One prepared statement. Used through Connection::run and Connection::query.
#pragma once

#include "storage/database/sql.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace coffer::storage {

// Raw bytes for a BLOB column; a plain string is TEXT.
struct Blob {
  std::string_view bytes;
};
std::optional<Blob> asBlob(const std::optional<std::string>& bytes);

class Statement {
 public:
  // Whether bound text is copied, or stays where it is until reset().
  enum class Binding { Copy, InPlace };

  // `diskFailed` is set when SQLite says that the disk did not do what it was asked to.
  Statement(sqlite3* db, const Sql& sql, bool& diskFailed);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // `number` as in $1.
  void bind(int number, std::nullopt_t, Binding);
  void bind(int number, std::int64_t value, Binding);
  void bind(int number, std::string_view text, Binding how);
  void bind(int number, Blob blob, Binding how);
  template <std::integral T>
  void bind(int number, T value, Binding how) {
    bind(number, static_cast<std::int64_t>(value), how);
  }
  template <std::convertible_to<std::string_view> T>
  void bind(int number, const T& text, Binding how) {
    bind(number, std::string_view(text), how);
  }
  template <typename T>
  void bind(int number, const std::optional<T>& value, Binding how) {
    if (value) {
      bind(number, *value, how);
    } else {
      bind(number, std::nullopt, how);
    }
  }

  [[nodiscard]] bool step();  // True while there is a row.
  void reset();               // Forgets the row and what was bound.

  // Of the current row; columns count from 0. Texts and blobs are valid until the next step.
  bool isNull(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

  const Sql& sql() const { return sql_; }
  bool isBusy() const { return busy_; }
  void setBusy(bool busy) { busy_ = busy; }

 private:
  [[noreturn]] void fail(int code);
  int position(int number) const { return positions_[static_cast<std::size_t>(number - 1)]; }

  sqlite3* db_;
  Sql sql_;
  bool& diskFailed_;
  sqlite3_stmt* handle_ = nullptr;
  std::vector<int> positions_;  // SQLite's index of $1, $2 …
  bool busy_ = false;
};

}  // namespace coffer::storage
