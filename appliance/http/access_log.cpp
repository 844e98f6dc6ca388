// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/access_log.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/unique_fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::http {
namespace {

constexpr std::string_view kStandardOutput = "-";

enum class Blanks { Kept, Escaped };

// What cannot stand in a field as it is becomes \" \\ or \x1f, so that nothing a client sends can
// end its field or its line.
void appendEscaped(std::string& line, std::string_view text, Blanks blanks) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte >= 0x7F || (c == ' ' && blanks == Blanks::Escaped)) {
      line += "\\x";
      line += digits[byte >> 4];
      line += digits[byte & 15];
    } else {
      line += c;
    }
  }
}

// Parameters of a query that let their holder in; what they hold does not belong in a log. A name
// with escapes in it may be any of them.
bool isSecret(std::string_view parameter) {
  constexpr std::array<std::string_view, 5> names = {"access_token", "token", "t", "code",
                                                     "duo_code"};
  if (parameter.find('%') != std::string_view::npos) return true;
  return std::any_of(names.begin(), names.end(), [parameter](std::string_view name) {
    return equalsIgnoringCase(parameter, name);
  });
}

void appendTarget(std::string& line, std::string_view target, Blanks blanks) {
  const auto question = std::min(target.find('?'), target.size());
  appendEscaped(line, target.substr(0, question), blanks);
  target.remove_prefix(question);
  while (!target.empty()) {  // It begins with '?' or '&'.
    const auto end = std::min(target.find('&', 1), target.size());
    const auto equals = std::min(target.find('='), end);
    const bool hides = equals < end && isSecret(target.substr(1, equals - 1));
    appendEscaped(line, target.substr(0, hides ? equals + 1 : end), blanks);
    if (hides) line += "***";
    target.remove_prefix(end);
  }
}

// A field without quotes around it.
void appendBare(std::string& line, std::string_view text) {
  if (text.empty()) {
    line += '-';
  } else {
    appendEscaped(line, text, Blanks::Escaped);
  }
}

using Append = void (*)(std::string& line, std::string_view text, Blanks blanks);

void appendQuoted(std::string& line, std::string_view text, AccessLog::Empty empty,
                  Append append = appendEscaped) {
  line += '"';
  if (!text.empty()) {
    append(line, text, Blanks::Kept);
  } else if (empty == AccessLog::Empty::Dash) {
    line += '-';
  }
  line += '"';
}

// "[20/Nov/2026:07:38:59 +0000]" in local time; made once a second and thread.
std::string_view bracketedTime(std::time_t second) {
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  thread_local std::time_t cachedSecond = -1;
  thread_local std::string cached;
  if (second == cachedSecond && !cached.empty()) return cached;

  std::tm local{};
  if (::localtime_r(&second, &local) == nullptr) return "[-]";
  std::array<char, 64> rest{};  // The month's name must not follow the locale.
  std::strftime(rest.data(), rest.size(), "/%Y:%H:%M:%S %z]", &local);
  cached = local.tm_mday < 10 ? "[0" : "[";
  cached += std::to_string(local.tm_mday);
  cached += '/';
  cached += months.at(static_cast<std::size_t>(local.tm_mon));
  cached += rest.data();
  cachedSecond = second;
  return cached;
}

UniqueFd openLog(const std::string& path, mode_t mode) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode));
}

}  // namespace

struct AccessLog::State {
  std::string file;
  bool withRequestId = false;
  Empty empty = Empty::Dash;
  mode_t mode = 0;
  UniqueFd owned;  // Its number never changes, so that writers need no lock.
  int target = STDOUT_FILENO;
};

AccessLog::AccessLog(std::string file, bool withRequestId, Empty empty, mode_t mode)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  state_->withRequestId = withRequestId;
  state_->empty = empty;
  state_->mode = mode;
  if (state_->file == kStandardOutput) return;
  state_->owned = openLog(state_->file, mode);
  if (!state_->owned) throw UsageError("open " + state_->file + ": " + std::strerror(errno));
  state_->target = state_->owned.get();
}

AccessLog::~AccessLog() = default;

void AccessLog::write(const AccessLogEntry& entry) {
  std::string line;
  line.reserve(192 + entry.target.size() + entry.referer.size() + entry.agent.size());
  appendBare(line, entry.host);
  line += " - ";
  appendBare(line, entry.user);
  line += ' ';
  line += bracketedTime(static_cast<std::time_t>(entry.time / kSecond));
  line += " \"";
  if (entry.method.empty()) {
    line += '-';  // The head could not be read.
  } else {
    appendEscaped(line, entry.method, Blanks::Escaped);
    line += ' ';
    appendTarget(line, entry.target, Blanks::Escaped);
    line += ' ';
    appendEscaped(line, entry.version, Blanks::Escaped);
  }
  line += "\" ";
  line += std::to_string(entry.status);
  line += ' ';
  line += std::to_string(entry.bodyBytes);
  line += ' ';
  appendQuoted(line, entry.referer, state_->empty, appendTarget);
  line += ' ';
  appendQuoted(line, entry.agent, state_->empty);
  if (state_->withRequestId) {
    line += ' ';
    appendQuoted(line, entry.requestId, state_->empty);
  }
  line += '\n';
  // A log that cannot be written must not stop the service, and has nobody else to tell.
  while (::write(state_->target, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

void AccessLog::reopen() {
  if (!state_->owned) return;
  const UniqueFd fresh = openLog(state_->file, state_->mode);
  // dup3 puts the new file in the place of the old one in one step, under the writers' feet.
  if (!fresh || ::dup3(fresh.get(), state_->owned.get(), O_CLOEXEC) < 0) {
    log::warning("http", "the access log could not be opened again",
                 {{"file", state_->file}, {"reason", std::strerror(errno)}});
  }
}

}  // namespace coffer::http
