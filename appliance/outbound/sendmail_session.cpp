// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/sendmail_session.h"

#include "appliance/base/unique_fd.h"
#include "appliance/outbound/limit.h"
#include "appliance/outbound/mail_message.h"

#include <sys/wait.h>
#include <sysexits.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

namespace coffer::outbound {
namespace {

using Kind = MailFault::Kind;

constexpr std::size_t kMaxComplaint = 500;
constexpr int kExitInterval = 20;  // Milliseconds between two looks whether it has ended.

[[noreturn]] void noWay(const std::string& detail) {
  throw MailFault(Kind::NoWay, MailStep::Program, detail);
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) noWay(std::string("pipe: ") + std::strerror(errno));
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  UniqueFd read;
  UniqueFd write;
};

// A running program; killed when it has not been waited for.
class Child {
 public:
  Child(std::vector<std::string> words, const Pipe& input, const Pipe& output) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input.read.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output.write.get(), STDERR_FILENO);
    // The server ignores and blocks signals that a program of its own right should get.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int error =
        ::posix_spawn(&pid_, words.front().c_str(), &files, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
      pid_ = -1;
      noWay(words.front() + ": " + std::strerror(error));
    }
  }
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its wait status, once it has ended.
  std::optional<int> ended() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
};

void makeNonBlocking(const UniqueFd& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// Writes what fits; closes the pipe at the end, or when nobody reads it any more.
void feed(UniqueFd& pipe, std::string_view& message) {
  if (!pipe) return;
  const auto written = ::write(pipe.get(), message.data(), message.size());
  if (written > 0) message.remove_prefix(static_cast<std::size_t>(written));
  const bool isBroken = written < 0 && errno != EAGAIN && errno != EINTR;
  if (message.empty() || isBroken) pipe.reset();
}

// As read(2); what was read is added to `said`, up to a limit.
ssize_t listen(const UniqueFd& pipe, std::string& said) {
  std::array<char, 1024> piece;
  const auto got = ::read(pipe.get(), piece.data(), piece.size());
  if (got > 0 && said.size() < kMaxComplaint) {
    said.append(piece.data(), static_cast<std::size_t>(got));
  }
  return got;
}

// What it said goes into `said`.
int runToEnd(Child& child, Pipe& input, Pipe& output, std::string_view message, const Limit& limit,
             std::string& said) {
  makeNonBlocking(input.write);
  makeNonBlocking(output.read);
  while (!limit.isOver()) {
    pollfd entries[2] = {{input.write.get(), POLLOUT, 0}, {output.read.get(), POLLIN, 0}};
    ::poll(entries, 2, kExitInterval);
    if (entries[0].revents != 0) feed(input.write, message);
    if (entries[1].revents != 0 && listen(output.read, said) == 0) output.read.reset();
    if (const auto status = child.ended()) {
      while (output.read && listen(output.read, said) > 0) {
      }
      return *status;
    }
  }
  noWay("the program did not end in time");
}

Kind kindOf(int exitCode) {
  const bool isFinal = exitCode == EX_DATAERR || exitCode == EX_NOUSER || exitCode == EX_NOHOST;
  return isFinal ? Kind::Refused : Kind::NoWay;
}

// Local programs take the lines of a local file.
std::string withLineFeeds(std::string message) {
  std::erase(message, '\r');
  return message;
}

}  // namespace

void SendmailSession::deliver(const std::string& from, const std::string& to,
                              const std::string& message) {
  if (!isMailAddress(from)) {
    throw MailFault(Kind::NoWay, MailStep::Sender, "the sender is no mail address");
  }
  if (!isMailAddress(to)) {
    throw MailFault(Kind::Refused, MailStep::Recipient, "no address that mail can be sent to");
  }
  Pipe input;
  Pipe output;
  Child child({program_, "-i", "-f", from, "--", to}, input, output);
  input.read.reset();
  output.write.reset();
  std::string said;
  const int status = runToEnd(child, input, output, withLineFeeds(message),
                              {std::chrono::steady_clock::now() + timeout_, stop_}, said);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  std::replace(said.begin(), said.end(), '\n', ' ');
  if (!WIFEXITED(status)) noWay("ended by signal " + std::to_string(WTERMSIG(status)));
  const int code = WEXITSTATUS(status);
  throw MailFault(kindOf(code), MailStep::Program,
                  "exit code " + std::to_string(code) + ": " + said.substr(0, kMaxComplaint));
}

}  // namespace coffer::outbound
