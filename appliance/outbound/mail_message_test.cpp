// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/mail_message.h"

#include "appliance/base/bytes.h"

#include <Poco/Net/MessageHeader.h>
#include <Poco/Net/QuotedPrintableDecoder.h>
#include <doctest/doctest.h>

#include <sstream>

namespace coffer::outbound {
namespace {

MailMessage message() {
  MailMessage made;
  made.id = "1.2";
  made.from = "vault@example.test";
  made.fromName = "Coffer";
  made.to = "ann@example.test";
  made.subject = "Hello";
  made.plain = "Plain text";
  made.html = "<p>HTML</p>";
  made.date = 1'770'000'000 * kSecond;
  return made;
}

std::string head(const std::string& mail) { return mail.substr(0, mail.find("\r\n\r\n") + 2); }

std::string decodedPart(const std::string& mail, const std::string& type) {
  const auto part = mail.find("Content-Type: " + type);
  REQUIRE(part != std::string::npos);
  const auto start = mail.find("\r\n\r\n", part) + 4;
  std::istringstream in(mail.substr(start, mail.find("\r\n--=_", start) - start));
  Poco::Net::QuotedPrintableDecoder decoder(in);
  return {std::istreambuf_iterator<char>(decoder), {}};
}

void checkLines(const std::string& mail) {
  std::size_t start = 0;
  while (start < mail.size()) {
    const auto end = mail.find('\n', start);
    REQUIRE(end != std::string::npos);
    REQUIRE(end > start);
    CHECK(mail[end - 1] == '\r');
    CHECK(mail.substr(start, end - 1 - start).find('\r') == std::string::npos);
    CHECK(end - start < 200);
    start = end + 1;
  }
}

TEST_CASE("a mail has the headers that servers and readers look for") {
  const std::string mail = composeMail(message());
  checkLines(mail);
  CHECK(
      mail.starts_with("From: \"Coffer\"\r\n <vault@example.test>\r\n"
                       "To: ann@example.test\r\n"
                       "Subject: Hello\r\n"
                       "Date: Mon, 02 Feb 2026 02:40:00 +0000\r\n"
                       "Message-ID: <1.2@example.test>\r\n"
                       "Auto-Submitted: auto-generated\r\n"
                       "MIME-Version: 1.0\r\n"
                       "Content-Type: multipart/alternative;\r\n boundary=\"=_"));
  CHECK(mail.find("text/plain") < mail.find("text/html"));
  CHECK(decodedPart(mail, "text/plain") == "Plain text\r\n");
  CHECK(decodedPart(mail, "text/html") == "<p>HTML</p>\r\n");
}

TEST_CASE(
    "names and subjects outside ASCII are encoded and never cut in the middle of a character") {
  MailMessage made = message();
  made.fromName = "K\xC3\xA4ssle \xF0\x9F\x94\x92";
  for (int i = 0; i < 60; ++i) made.subject += "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x94\x91";
  const std::string mail = composeMail(made);
  checkLines(mail);
  CHECK(head(mail).find("From: =?UTF-8?B?S8Okc3NsZSDwn5SS?=\r\n <vault@example.test>") !=
        std::string::npos);
  std::istringstream lines(head(mail).substr(head(mail).find("Subject: ")));
  std::string decoded;
  for (std::string line; std::getline(lines, line) && line.find("=?UTF-8?B?") < 10;) {
    const auto start = line.find("=?UTF-8?B?");
    const auto end = line.find("?=", start);
    CHECK(line.size() <= 77);  // With the "\r" at its end.
    const auto bytes = fromBase64(line.substr(start + 10, end - start - 10));
    REQUIRE(bytes.has_value());
    CHECK(isUtf8(*bytes));
    decoded += *bytes;
  }
  CHECK(decoded == made.subject);
}

TEST_CASE("no text becomes a header") {
  for (const char* evil :
       {"x\r\nBcc: eve@example.test", "x\nBcc: eve@example.test", "x\rBcc: eve@example.test",
        "x\r\n\r\nBcc: eve@example.test", "\"\r\nBcc: eve@example.test",
        "=?UTF-8?Q?x=0D=0ABcc:_eve@example.test?="}) {
    CAPTURE(evil);
    MailMessage made = message();
    made.subject = evil;
    made.fromName = evil;
    const std::string mail = composeMail(made);
    checkLines(mail);
    CHECK(head(mail).find("\nBcc") == std::string::npos);
    CHECK(head(mail).find("=?UTF-8?Q?") == std::string::npos);
    CHECK(mail.find("\r\n\r\n") == mail.find("\r\n\r\n--=_"));
  }
  MailMessage made = message();
  made.subject = "broken \xff utf";
  CHECK(head(composeMail(made)).find('\xff') == std::string::npos);
}

TEST_CASE("texts arrive as they were written, whatever is in them") {
  MailMessage made = message();
  made.plain = ".\n..\nFrom x\n\n" + std::string(3'000, 'y') + " \t\n=C3=\n\xC3\xA4\n";
  const std::string mail = composeMail(made);
  checkLines(mail);
  std::string expected;
  for (const char c : made.plain) expected += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(decodedPart(mail, "text/plain") == expected);
}

TEST_CASE("addresses that mail can be sent to") {
  for (const char* good : {"a@b", "ann@example.test", "ann.bee+tag@sub.example.test",
                           "o'hara@example.test", "a_b-c=d@e-f.test", "1@2.3"}) {
    CAPTURE(good);
    CHECK(isMailAddress(good));
  }
  for (const std::string bad : {"",
                                "a",
                                "@",
                                "a@",
                                "@b",
                                "a@@b",
                                "a@b@c",
                                "a b@c",
                                "a@b c",
                                "a@b\r\nRCPT TO:<c@d>",
                                "a@b\n",
                                "a\r@b",
                                "<a@b>",
                                "a@b>",
                                "a@b>,<c@d",
                                "\"a b\"@c",
                                "a@[127.0.0.1]",
                                ".a@b",
                                "a.@b",
                                "a..b@c",
                                "a@.b",
                                "a@b.",
                                "a@b..c",
                                "\xC3\xA4@b",
                                "a@\xC3\xA4",
                                "a,c@b",
                                "a@b_c",
                                "-f@b c"}) {
    CAPTURE(bad);
    CHECK_FALSE(isMailAddress(bad));
  }
  CHECK_FALSE(isMailAddress(std::string("a\0@b", 4)));
  CHECK_FALSE(isMailAddress(std::string(65, 'a') + "@b"));
  CHECK_FALSE(isMailAddress("a@" + std::string(254, 'b')));
}

}  // namespace
}  // namespace coffer::outbound
