// SPDX-License-Identifier: BSD-2-Clause
//
// The application log: one line an event, with named fields, written with a single write(2).
// It is the one thing in the program that is global, so that every layer can say what it sees.
// Safe from any thread. A value never breaks out of its line: controls are escaped.
//
// Secrets have no way in: there is no overload for Secret, and no caller reveals one here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace coffer::log {

enum class Level { Debug, Info, Warning, Error, Off };
enum class Format { Text, Json, Plain };  // Plain: message and reason, as rest-server prints.

struct Field {
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(v) {}
  Field(std::string_view n, std::uint64_t v) : name(n), value(std::to_string(v)), isNumber(true) {}
  Field(std::string_view n, std::int64_t v) : name(n), value(std::to_string(v)), isNumber(true) {}
  Field(std::string_view n, int v) : name(n), value(std::to_string(v)), isNumber(true) {}

  std::string_view name;
  std::string value;
  bool isNumber = false;
};

struct Options {
  Format format = Format::Text;
  Level level = Level::Info;
  std::map<std::string, Level> partLevels;  // "http", "restic", "vault", …: overrides `level`.
  std::string file;                         // Empty: standard error.
  // Text lines start with the time, except under systemd's journal, which keeps its own and reads
  // the priority from a "<6>" at the start of the line.
  bool underJournal = false;
};

// Call before other threads start, or again at any time; a file is opened here. Throws UsageError
// when it cannot be.
void configure(Options options);

// Opens the file again under its name, for logrotate. Keeps the old one when that fails.
void reopen();

[[nodiscard]] bool isEnabled(Level level, std::string_view part);

// `part` is the layer or service that speaks: "http", "tls", "restic", "vault", "storage",
// "runtime".
void write(Level level, std::string_view part, std::string_view message,
           std::initializer_list<Field> fields = {});

inline void debug(std::string_view part, std::string_view message,
                  std::initializer_list<Field> fields = {}) {
  if (isEnabled(Level::Debug, part)) write(Level::Debug, part, message, fields);
}
inline void info(std::string_view part, std::string_view message,
                 std::initializer_list<Field> fields = {}) {
  write(Level::Info, part, message, fields);
}
inline void warning(std::string_view part, std::string_view message,
                    std::initializer_list<Field> fields = {}) {
  write(Level::Warning, part, message, fields);
}
inline void error(std::string_view part, std::string_view message,
                  std::initializer_list<Field> fields = {}) {
  write(Level::Error, part, message, fields);
}

// The text with controls, quotes and backslashes escaped, as it stands inside a quoted value.
std::string escaped(std::string_view text);

}  // namespace coffer::log
