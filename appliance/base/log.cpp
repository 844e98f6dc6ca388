// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/log.h"

#include "appliance/base/clock.h"
#include "appliance/base/fault.h"
#include "appliance/base/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <unistd.h>

namespace coffer::log {
namespace {

struct Sink {
  Options options;
  UniqueFd file;  // Empty while the log goes to standard error.
};

std::mutex sinkMutex;  // Guards the pointer only; a line is written from a copy of it.
std::shared_ptr<Sink> sink = std::make_shared<Sink>();

std::shared_ptr<Sink> current() {
  std::lock_guard lock(sinkMutex);
  return sink;
}

std::string_view nameOf(Level level) {
  constexpr std::array<std::string_view, 5> names = {"debug", "info", "warning", "error", "off"};
  return names[static_cast<std::size_t>(level)];
}

std::string_view journalPriority(Level level) {
  constexpr std::array<std::string_view, 5> priorities = {"<7>", "<6>", "<4>", "<3>", ""};
  return priorities[static_cast<std::size_t>(level)];
}

bool needsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) return true;
  }
  return false;
}

// A message stands at the end of what is fixed and is not quoted, so its own quotes may stay: log
// filters look for them. One with controls in it did not come from here alone.
std::string onOneLine(std::string_view message) {
  const bool hasControls = std::any_of(message.begin(), message.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return hasControls ? escaped(message) : std::string(message);
}

// What went wrong is said, whatever else is left out.
std::string plainLine(std::string_view message, std::initializer_list<Field> fields) {
  std::string line = onOneLine(message);
  for (const Field& field : fields) {
    if (field.name == "reason" || field.name == "error") line += ": " + onOneLine(field.value);
  }
  return line;
}

std::string textLine(const Options& options, Level level, std::string_view part,
                     std::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  if (options.underJournal) {
    line += journalPriority(level);
  } else {
    line += formatIsoDate(SystemClock().now());
    line += ' ';
  }
  line += nameOf(level);
  line += ' ';
  line += part;
  line += ": ";
  line += onOneLine(message);
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    if (needsQuotes(field.value)) {
      line += '"' + escaped(field.value) + '"';
    } else {
      line += field.value;
    }
  }
  return line;
}

std::string jsonLine(Level level, std::string_view part, std::string_view message,
                     std::initializer_list<Field> fields) {
  std::string line = "{\"time\":\"" + formatIsoDate(SystemClock().now()) + "\",\"level\":\"";
  line += nameOf(level);
  line += "\",\"part\":\"";
  line += part;
  line += "\",\"message\":\"" + escaped(message) + '"';
  for (const Field& field : fields) {
    line += ",\"";
    line += field.name;
    line += "\":";
    line += field.isNumber ? field.value : '"' + escaped(field.value) + '"';
  }
  return line + '}';
}

UniqueFd openLog(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
}

}  // namespace

void configure(Options options) {
  auto next = std::make_shared<Sink>();
  next->options = std::move(options);
  if (!next->options.file.empty()) {
    next->file = openLog(next->options.file);
    if (!next->file) {
      throw UsageError("open " + next->options.file + ": " + std::strerror(errno));
    }
  }
  std::lock_guard lock(sinkMutex);
  sink = std::move(next);
}

void reopen() {
  const auto old = current();
  if (old->options.file.empty()) return;
  auto next = std::make_shared<Sink>();
  next->options = old->options;
  next->file = openLog(next->options.file);
  if (!next->file) {
    warning("runtime", "the log file could not be opened again", {{"file", old->options.file}});
    return;
  }
  std::lock_guard lock(sinkMutex);
  sink = std::move(next);
}

bool isEnabled(Level level, std::string_view part) {
  const auto to = current();
  const auto special = to->options.partLevels.find(std::string(part));
  return level >= (special == to->options.partLevels.end() ? to->options.level : special->second);
}

void write(Level level, std::string_view part, std::string_view message,
           std::initializer_list<Field> fields) {
  if (!isEnabled(level, part)) return;
  const auto to = current();
  std::string line;
  switch (to->options.format) {
    case Format::Text:
      line = textLine(to->options, level, part, message, fields);
      break;
    case Format::Json:
      line = jsonLine(level, part, message, fields);
      break;
    case Format::Plain:
      line = plainLine(message, fields);
      break;
  }
  line += '\n';
  const int fd = to->file ? to->file.get() : STDERR_FILENO;
  // A log that cannot be written must not stop the server: there is nobody left to tell.
  [[maybe_unused]] const auto written = ::write(fd, line.data(), line.size());
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (value < 0x20 || value == 0x7F) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", value);
      out += code.data();
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace coffer::log
