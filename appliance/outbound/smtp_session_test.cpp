// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/mail_transport.h"
#include "appliance/outbound/test_peer.h"

#include <doctest/doctest.h>

#include <mutex>

namespace coffer::outbound {
namespace {

using testing::Peer;
using testing::TestIdentity;
using testing::TestServer;
using Kind = MailFault::Kind;
using namespace std::chrono_literals;

// What a server says to each line; the line that was said last, first. Lines of a message are not
// lines here.
struct Script {
  std::string capabilities = "AUTH PLAIN LOGIN";
  std::string greeting = "220 mail.test\r\n";
  std::string afterLine = "";  // To a line that starts so …
  std::string answer = "";     // … this answer.
  SSL_CTX* tls = nullptr;
  bool tlsFirst = false;
  std::string afterStartTls = "";  // Slipped in behind the answer to STARTTLS.
};

// A server that keeps what it was told.
class FakeSmtp {
 public:
  explicit FakeSmtp(Script script)
      : script_(std::move(script)), server_([this](Peer& peer) { serve(peer); }) {}

  std::uint16_t port() const { return server_.port(); }
  std::vector<std::string> lines() {
    std::lock_guard lock(mutex_);
    return lines_;
  }
  std::string message() {
    std::lock_guard lock(mutex_);
    return message_;
  }
  bool heard(const std::string& start) {
    for (const auto& line : lines()) {
      if (line.starts_with(start)) return true;
    }
    return false;
  }

 private:
  void serve(Peer& peer) {
    if (script_.tlsFirst && !peer.startTls(*script_.tls)) return;
    peer.write(script_.greeting);
    for (;;) {
      const std::string line = peer.readUntil("\r\n");
      if (!line.ends_with("\r\n")) return;
      {
        std::lock_guard lock(mutex_);
        lines_.push_back(line.substr(0, line.size() - 2));
      }
      const auto is = [&](std::string_view word) { return line.starts_with(word); };
      if (!script_.afterLine.empty() && is(script_.afterLine)) {
        peer.write(script_.answer);
      } else if (is("EHLO")) {
        peer.write("250-mail.test hello\r\n250-SIZE 1000\r\n250 " + script_.capabilities + "\r\n");
      } else if (is("STARTTLS")) {
        peer.write("220 go\r\n" + script_.afterStartTls);
        if (!peer.startTls(*script_.tls)) return;
      } else if (is("AUTH LOGIN")) {
        peer.write("334 eW91cyBwbGVhc2U=\r\n");
        peer.readUntil("\r\n");
        peer.write("334 YW5kPw==\r\n");
        peer.readUntil("\r\n");
        peer.write("235 in\r\n");
      } else if (is("AUTH")) {
        peer.write("235 in\r\n");
      } else if (is("DATA")) {
        peer.write("354 go on\r\n");
        const std::string text = peer.readUntil("\r\n.\r\n");
        std::lock_guard lock(mutex_);
        message_ = text;
        peer.write("250 taken\r\n");
      } else if (is("QUIT")) {
        peer.write("221 bye\r\n");
        return;
      } else {
        peer.write("250 fine\r\n");
      }
    }
  }

  Script script_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::string message_;
  TestServer server_;
};

MailRoute routeTo(const FakeSmtp& server, MailSecurity security = MailSecurity::None) {
  MailRoute route;
  route.host = "127.0.0.1";
  route.port = server.port();
  route.security = security;
  route.helloName = "box.test";
  route.timeout = 3s;
  return route;
}

void deliverOne(const MailRoute& route, const std::string& message = "Subject: x\r\n\r\nbody\r\n") {
  openMailSession(route)->deliver("vault@example.test", "ann@example.test", message);
}

struct Outcome {
  Kind kind;
  MailStep step;
  std::string said;
};
Outcome failureOf(const MailRoute& route) {
  try {
    deliverOne(route);
  } catch (const MailFault& fault) {
    CHECK(fault.clientText().find(fault.detail()) == std::string::npos);
    return {fault.kind(), fault.step(), fault.detail()};
  }
  FAIL("it was delivered");
  return {Kind::NoWay, MailStep::Connect, ""};
}

TEST_CASE("a mail is handed over in the words of the protocol") {
  FakeSmtp server({});
  deliverOne(routeTo(server), "Subject: x\r\n\r\n.\r\n..dots\r\nbody\r\n");
  CHECK(server.lines() == std::vector<std::string>{"EHLO box.test",
                                                   "MAIL FROM:<vault@example.test>",
                                                   "RCPT TO:<ann@example.test>", "DATA", "QUIT"});
  CHECK(server.message() == "Subject: x\r\n\r\n..\r\n...dots\r\nbody\r\n.\r\n");
}

TEST_CASE("one session delivers several mails") {
  FakeSmtp server({.afterLine = "RCPT TO:<gone", .answer = "550 no such person\r\n"});
  const auto session = openMailSession(routeTo(server));
  session->deliver("vault@example.test", "ann@example.test", "a\r\n");
  CHECK_THROWS_AS(session->deliver("vault@example.test", "gone@example.test", "b\r\n"), MailFault);
  session->deliver("vault@example.test", "bob@example.test", "c\r\n");
  CHECK(server.message() == "c\r\n.\r\n");
  CHECK(server.heard("RSET"));
}

TEST_CASE("the login uses what both sides allow") {
  const auto loginWith = [](const std::string& offered, std::vector<std::string> allowed) {
    FakeSmtp server({.capabilities = offered});
    MailRoute route = routeTo(server);
    route.user = "me";
    route.password = Secret("s3cret");
    route.mechanisms = std::move(allowed);
    try {
      deliverOne(route);
    } catch (const MailFault& fault) {
      CHECK(fault.step() == MailStep::Login);
      CHECK(fault.kind() == Kind::NoWay);
      return std::string("none");
    }
    for (const auto& line : server.lines()) {
      if (line.starts_with("AUTH")) return line;
    }
    return std::string();
  };
  const std::string plain = "AUTH PLAIN AG1lAHMzY3JldA==";
  CHECK(loginWith("AUTH PLAIN LOGIN", {}) == plain);
  CHECK(loginWith("AUTH LOGIN PLAIN", {"Plain"}) == plain);
  CHECK(loginWith("AUTH=PLAIN", {}) == plain);
  CHECK(loginWith("AUTH PLAIN LOGIN", {"login"}) == "AUTH LOGIN");
  CHECK(loginWith("AUTH LOGIN", {}) == "AUTH LOGIN");
  CHECK(loginWith("AUTH CRAM-MD5", {}) == "none");
  CHECK(loginWith("AUTH LOGIN", {"plain"}) == "none");
  CHECK(loginWith("SIZE", {}) == "none");
}

TEST_CASE("a wrong password is told from a server that cannot be reached, and not repeated") {
  FakeSmtp server({.afterLine = "AUTH", .answer = "535 5.7.8 bad credentials\r\n"});
  MailRoute route = routeTo(server);
  route.user = "me";
  route.password = Secret("s3cret");
  const Outcome outcome = failureOf(route);
  CHECK(outcome.kind == Kind::NoWay);
  CHECK(outcome.step == MailStep::Login);
  CHECK(outcome.said == "535 5.7.8 bad credentials");
}

TEST_CASE("refusals of a mail are final or not by their first digit, of the sender never") {
  struct Row {
    const char* line;
    const char* answer;
    Kind kind;
    MailStep step;
  };
  const Row rows[] = {
      {"RCPT", "550 5.1.1 no such person\r\n", Kind::Refused, MailStep::Recipient},
      {"RCPT", "450 try later\r\n", Kind::Later, MailStep::Recipient},
      {"RCPT", "421 closing\r\n", Kind::NoWay, MailStep::Recipient},
      {"DATA", "554 5.7.1 spam\r\n", Kind::Refused, MailStep::Message},
      {"DATA", "452 full\r\n", Kind::Later, MailStep::Message},
      {"MAIL", "550 not yours\r\n", Kind::NoWay, MailStep::Sender},
      {"MAIL", "451 later\r\n", Kind::NoWay, MailStep::Sender},
      {"EHLO", "500 what?\r\n", Kind::NoWay, MailStep::Greet},
      {"RCPT", "gibberish\r\n", Kind::Later, MailStep::Recipient},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CAPTURE(row.answer);
    Script script;
    script.afterLine = row.line;
    script.answer = row.answer;
    FakeSmtp server(script);
    const Outcome outcome = failureOf(routeTo(server));
    CHECK(outcome.kind == row.kind);
    CHECK(outcome.step == row.step);
  }
}

TEST_CASE("a server that refuses to serve, says nothing or never ends its answer is no way out") {
  {
    FakeSmtp server({.greeting = "554 not today\r\n"});
    CHECK(failureOf(routeTo(server)).said == "554 not today");
  }
  {
    TestServer closing([](Peer&) {});
    MailRoute route;
    route.host = "127.0.0.1";
    route.port = closing.port();
    route.security = MailSecurity::None;
    CHECK(failureOf(route).kind == Kind::NoWay);
  }
  {
    FakeSmtp server({.afterLine = "EHLO", .answer = "250-half"});
    MailRoute route = routeTo(server);
    route.timeout = 100ms;
    CHECK(failureOf(route).step == MailStep::Greet);
  }
  {
    std::string endless = "220-x\r\n";
    for (int i = 0; i < 20'000; ++i) endless += "220-x\r\n";
    FakeSmtp server({.greeting = endless});
    CHECK(failureOf(routeTo(server)).said.find("no end") != std::string::npos);
  }
}

TEST_CASE("a request to stop ends the wait for a silent server") {
  TestServer silent([](Peer& peer) { peer.readUntil("never"); });
  MailRoute route;
  route.host = "127.0.0.1";
  route.port = silent.port();
  route.security = MailSecurity::None;
  route.timeout = 60s;
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(openMailSession(route, stop.get_token()), MailFault);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  stopper.join();
}

TEST_CASE("STARTTLS is insisted on") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  Script script;
  script.capabilities = "STARTTLS";
  script.tls = context.get();
  FakeSmtp offered(script);
  MailRoute route = routeTo(offered, MailSecurity::StartTls);
  CHECK(failureOf(route).step == MailStep::Secure);  // Nobody vouches for the certificate.
  route.trust.authorityFile = identity.authorityFile;
  deliverOne(route);
  CHECK(offered.message() == "Subject: x\r\n\r\nbody\r\n.\r\n");
  route.trust = {"", true};
  deliverOne(route);

  FakeSmtp silent({});
  const Outcome outcome = failureOf(routeTo(silent, MailSecurity::StartTls));
  CHECK(outcome.step == MailStep::Secure);
  CHECK(outcome.kind == Kind::NoWay);
  CHECK_FALSE(silent.heard("MAIL"));

  script.afterLine = "STARTTLS";
  script.answer = "454 not now\r\n";
  FakeSmtp declining(script);
  CHECK(failureOf(routeTo(declining, MailSecurity::StartTls)).step == MailStep::Secure);
  CHECK_FALSE(declining.heard("MAIL"));
}

TEST_CASE("what comes in plain behind STARTTLS is not taken for the server's") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  Script script;
  script.capabilities = "STARTTLS";
  script.tls = context.get();
  script.afterStartTls = "250 AUTH PLAIN\r\n250 fine\r\n";
  FakeSmtp server(script);
  MailRoute route = routeTo(server, MailSecurity::StartTls);
  route.trust.authorityFile = identity.authorityFile;
  route.user = "me";
  const Outcome outcome = failureOf(route);  // Broken TLS, or no login offered; never a login.
  CHECK(outcome.kind == Kind::NoWay);
  CHECK_FALSE(server.heard("AUTH"));
}

TEST_CASE("TLS from the first byte") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  Script script;
  script.tls = context.get();
  script.tlsFirst = true;
  FakeSmtp server(script);
  MailRoute route = routeTo(server, MailSecurity::Tls);
  CHECK(failureOf(route).step == MailStep::Secure);
  route.trust.authorityFile = identity.authorityFile;
  deliverOne(route);
  CHECK(server.message() == "Subject: x\r\n\r\nbody\r\n.\r\n");
}

TEST_CASE("no address breaks out of its command") {
  FakeSmtp server({});
  const auto session = openMailSession(routeTo(server));
  for (const char* evil : {"a@b>\r\nRCPT TO:<eve@example.test", "a@b\nDATA", "<a@b>", "a b@c"}) {
    CAPTURE(evil);
    try {
      session->deliver("vault@example.test", evil, "x\r\n");
      FAIL_CHECK("delivered");
    } catch (const MailFault& fault) {
      CHECK(fault.kind() == Kind::Refused);
    }
    CHECK_THROWS_AS(session->deliver(evil, "ann@example.test", "x\r\n"), MailFault);
  }
  CHECK_FALSE(server.heard("RCPT"));
}

TEST_CASE("ports follow from the way of securing") {
  MailRoute route;
  CHECK(effectivePort(route) == 587);
  route.security = MailSecurity::Tls;
  CHECK(effectivePort(route) == 465);
  route.security = MailSecurity::None;
  CHECK(effectivePort(route) == 25);
  route.port = 2525;
  CHECK(effectivePort(route) == 2525);
}

}  // namespace
}  // namespace coffer::outbound
