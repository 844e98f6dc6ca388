// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/password_prompt.h"

#include "appliance/base/fault.h"
#include "appliance/base/unique_fd.h"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <termios.h>

namespace coffer::runtime {
namespace {

constexpr std::size_t kLongestPassword = 4096;

// Switches the echo off for as long as it lives.
class SilentTerminal {
 public:
  explicit SilentTerminal(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &before_) != 0) throwSystemFault("tcgetattr");
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    if (::tcsetattr(terminal_, TCSAFLUSH, &silent) != 0) throwSystemFault("tcsetattr");
  }
  ~SilentTerminal() { ::tcsetattr(terminal_, TCSAFLUSH, &before_); }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  int terminal_;
  termios before_{};
};

void say(int terminal, std::string_view text) {
  [[maybe_unused]] const auto written = ::write(terminal, text.data(), text.size());
}

Secret readLine(int terminal) {
  std::string line;
  line.reserve(kLongestPassword);  // Never grows, so no copy of the password is left behind.
  char c = 0;
  for (;;) {
    const auto got = ::read(terminal, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n' || line.size() == kLongestPassword) break;
    line += c;
  }
  Secret secret{std::string(line)};
  wipe(line);
  return secret;
}

}  // namespace

Secret readPasswordLine(std::istream& input) {
  std::string line;
  line.reserve(kLongestPassword + 2);
  char c = 0;
  while (line.size() <= kLongestPassword && input.get(c) && c != '\n') line += c;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  Secret password{std::string(line)};
  wipe(line);
  if (password.empty()) throw UsageError("no password on standard input");
  if (password.reveal().size() > kLongestPassword) throw UsageError("the password is too long");
  return password;
}

Secret promptForPassword(std::string_view question, bool twice) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) {
    throw UsageError("there is no terminal to ask on: give the password with --password-stdin");
  }
  const SilentTerminal silent(terminal.get());
  say(terminal.get(), std::string(question) + ": ");
  Secret first = readLine(terminal.get());
  if (first.empty()) throw UsageError("the password is empty");
  if (!twice) return first;
  say(terminal.get(), "Repeat the password: ");
  if (!(readLine(terminal.get()) == first)) throw UsageError("the two passwords differ");
  return first;
}

Secret readPassword(const PasswordSource& source, std::string_view question, bool twice) {
  return source.standardInput ? readPasswordLine(std::cin) : promptForPassword(question, twice);
}

}  // namespace coffer::runtime
