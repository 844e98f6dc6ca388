// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/mail_transport.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace coffer::outbound {
namespace {

using Kind = MailFault::Kind;
using namespace std::chrono_literals;

// A sendmail that does what `body` says, run by the shell with $folder set.
struct FakeSendmail {
  explicit FakeSendmail(const std::string& body) {
    std::signal(SIGPIPE, SIG_IGN);  // As the program does.
    std::ofstream(path) << "#!/bin/sh\nfolder='" << folder.path() << "'\n" << body << "\n";
    ::chmod(path.c_str(), 0700);
  }
  std::string content(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder.path() + "/" + name).rdbuf();
    return out.str();
  }
  MailRoute route() const {
    MailRoute made;
    made.sendmail = path;
    made.timeout = 10s;
    return made;
  }
  tests::TempFolder folder;
  std::string path = folder.path() + "/sendmail";
};

void deliverOne(const MailRoute& route, const std::string& message = "Subject: x\r\n\r\nbody\r\n") {
  openMailSession(route)->deliver("vault@example.test", "ann@example.test", message);
}

MailFault failureOf(const MailRoute& route, const std::string& message = "x\r\n") {
  try {
    openMailSession(route)->deliver("vault@example.test", "ann@example.test", message);
  } catch (const MailFault& fault) {
    return fault;
  }
  FAIL("it was delivered");
  return {Kind::NoWay, MailStep::Connect, ""};
}

TEST_CASE("sendmail gets the message on its input and the addresses as words") {
  const FakeSendmail program("printf '%s\\n' \"$@\" >\"$folder/words\"; cat >\"$folder/mail\"");
  openMailSession(program.route())
      ->deliver("vault@example.test", "a$HOME`id`@example.test", "a\r\n.\r\nb\r\n");
  CHECK(program.content("words") == "-i\n-f\nvault@example.test\n--\na$HOME`id`@example.test\n");
  CHECK(program.content("mail") == "a\n.\nb\n");
  const std::string large(1'000'000, 'x');
  deliverOne(program.route(), large);
  CHECK(program.content("mail") == large);
}

TEST_CASE("sendmail's exit code says whether to try again, its words go to the log") {
  const FakeSendmail unknown("cat >/dev/null; echo 'user unknown' >&2; exit 67");
  CHECK(failureOf(unknown.route()).kind() == Kind::Refused);
  CHECK(failureOf(unknown.route()).detail() == "exit code 67: user unknown ");
  const FakeSendmail later("cat >/dev/null; exit 75");
  CHECK(failureOf(later.route()).kind() == Kind::NoWay);
  const FakeSendmail killed("kill -9 $$");
  CHECK(failureOf(killed.route()).kind() == Kind::NoWay);
  const FakeSendmail deaf("exec <&-; sleep 0.1; exit 1");
  CHECK(failureOf(deaf.route(), std::string(1'000'000, 'x')).kind() == Kind::NoWay);
}

TEST_CASE("a sendmail that is missing or does not end is no way out") {
  MailRoute nowhere;
  nowhere.sendmail = "/nowhere/sendmail";
  CHECK(failureOf(nowhere).kind() == Kind::NoWay);
  const FakeSendmail slow("exec sleep 60");
  MailRoute route = slow.route();
  route.timeout = 100ms;
  const auto start = std::chrono::steady_clock::now();
  CHECK(failureOf(route).kind() == Kind::NoWay);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("no address becomes an option of sendmail") {
  const FakeSendmail program("touch \"$folder/called\"");
  const auto session = openMailSession(program.route());
  CHECK_THROWS_AS(session->deliver("vault@example.test", "-bs x@y", "x"), MailFault);
  CHECK_THROWS_AS(session->deliver("a b@c", "ann@example.test", "x"), MailFault);
  CHECK(program.content("called").empty());
}

}  // namespace
}  // namespace coffer::outbound
