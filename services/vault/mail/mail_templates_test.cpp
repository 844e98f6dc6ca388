// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/mail_templates.h"

#include "appliance/base/fault.h"
#include "services/vault/mail/built_in_templates.h"
#include "tests/support/source_folder.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

namespace coffer::vault {
namespace {

constexpr const char* kUrl = "https://vault.example.test";

// Every value of the mail is `value` followed by its own name.
Mail filled(const BuiltInTemplate& row, const std::string& value) {
  Mail mail{row.kind, "ann@example.test", {}};
  std::istringstream in(row.values);
  for (std::string name; in >> name;) mail.values.emplace_back(name, value + name);
  return mail;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string problemOf(const std::string& file, const std::string& content) {
  const tests::TempFolder folder;
  std::ofstream(folder.path() + "/" + file) << content;
  try {
    const MailTemplates templates(folder.path());
  } catch (const UsageError& error) {
    CHECK(contains(error.what(), file));
    return error.what();
  }
  return "";
}

TEST_CASE("every mail shows every value it is given, in text and in HTML") {
  const MailTemplates templates;
  for (const auto& row : builtInTemplates()) {
    CAPTURE(row.name);
    const Mail mail = filled(row, "value-");
    const MailText text = templates.render(mail, kUrl);
    CHECK_FALSE(text.subject.empty());
    CHECK(text.subject.size() < 100);
    CHECK(contains(text.html, "<title>" + text.subject + "</title>"));
    CHECK(contains(text.plain, kUrl));
    CHECK(contains(text.html, kUrl));
    CHECK_FALSE(contains(text.plain + text.html + text.subject, "{{"));
    for (const auto& value : mail.values) {
      CAPTURE(value.first);
      CHECK(contains(text.plain, value.second));
      CHECK(contains(text.html, value.second));
    }
  }
}

TEST_CASE("the reference page lists every mail with its values") {
  std::ostringstream page;
  page << std::ifstream(sourceFolder() + "/docs/reference/mail-templates.md").rdbuf();
  for (const auto& row : builtInTemplates()) {
    std::string values;
    std::istringstream in(row.values);
    for (std::string name; in >> name;) values += (values.empty() ? "`" : " `") + name + "`";
    CAPTURE(row.name);
    const auto start = page.str().find("| `" + std::string(row.name) + "` |");
    REQUIRE(start != std::string::npos);
    const std::string line = page.str().substr(start, page.str().find('\n', start) - start);
    CHECK(line.ends_with("| " + (values.empty() ? "–" : values) + " |"));
  }
}

TEST_CASE("without an address of the vault, mails do not speak of one") {
  const MailTemplates templates;
  for (const auto& row : builtInTemplates()) {
    CAPTURE(row.name);
    const MailText text = templates.render(filled(row, "value-"), "");
    CHECK_FALSE(contains(text.plain, "Your vault:"));
    CHECK_FALSE(contains(text.plain, "recover-delete"));
    CHECK_FALSE(contains(text.html, "href=\"\""));
  }
}

TEST_CASE("values stay values: no markup, no tags of mustache, no lines of their own") {
  const MailTemplates templates;
  const std::string evil = "<b>\"'&\r\n\r\nPay here: {{code}}{{{code}}}";
  for (const auto& row : builtInTemplates()) {
    CAPTURE(row.name);
    const MailText text = templates.render(filled(row, evil), kUrl);
    CHECK_FALSE(contains(text.html, "<b>"));
    CHECK_FALSE(contains(text.html, "\"'"));
    CHECK_FALSE(contains(text.plain, "\nPay here"));
    CHECK_FALSE(contains(text.subject, "\n"));
    CHECK_FALSE(contains(text.subject, "\r"));
  }
}

TEST_CASE("a value breaks no line and turns nothing round by characters of Unicode either") {
  const MailTemplates templates;
  const std::string evil =
      "a\xC2\x85"
      "b\xE2\x80\xA8"
      "c\xE2\x80\xA9"
      "d\xE2\x80\xAE"
      "e\xE2\x81\xA6"
      "f\xC3\xA9\xE2\x80\x94\xE2\x82\xAC";
  const Mail mail{MailKind::EmergencyInviteConfirmed, "ann@example.test", {{"grantor_name", evil}}};
  const MailText text = templates.render(mail, kUrl);
  const std::string shown = "a b c d e f\xC3\xA9\xE2\x80\x94\xE2\x82\xAC";
  CHECK(contains(text.subject, shown));
  CHECK(contains(text.plain, shown));
  CHECK(contains(text.html, shown));
}

TEST_CASE("codes, hints and links are set apart in HTML") {
  const MailTemplates templates;
  const auto html = [&](MailKind kind, const char* name, const char* value) {
    return templates.render({kind, "a@b", {{name, value}}}, kUrl).html;
  };
  CHECK(
      contains(html(MailKind::TwoFactorCode, "code", "123456"), "letter-spacing:4px\">123456</p>"));
  CHECK(contains(html(MailKind::PasswordHint, "hint", "cat"), ">cat</blockquote>"));
  const std::string page = html(MailKind::VerifyEmail, "link", "https://v.test/#/x?a=1&b=2");
  CHECK(contains(page, "<a href=\"https://v.test/#/x?a=1&amp;b=2\""));
  CHECK(contains(page, ">Confirm this address</a>"));
  const std::string list =
      templates
          .render({MailKind::TwoFactorRecovered, "a@b", {{"ip", "::1"}, {"datetime", "now"}}}, kUrl)
          .html;
  CHECK(contains(list, "<ul>\n<li>Time: now</li>\n<li>From: ::1</li>\n</ul>"));
}

TEST_CASE("a mail with other values than its own is a fault of the program") {
  const MailTemplates templates;
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  for (const auto& values : {Pairs{}, Pairs{{"link", "x"}}, Pairs{{"code", "1"}, {"link", "x"}},
                             Pairs{{"code", "1"}, {"code", "2"}}}) {
    CHECK_THROWS_AS((void)templates.render({MailKind::TwoFactorCode, "a@b", values}, kUrl), Fault);
  }
}

TEST_CASE("an owner replaces a mail by a text, or its HTML by a page") {
  const tests::TempFolder folder;
  std::ofstream(folder.path() + "/twofactor_email.txt")
      << "Ihr Code {{code}}\r\n\r\nBitte eingeben:\r\n\r\n{{code}}\r\n";
  std::ofstream(folder.path() + "/README.md") << "{{whatever}}";
  {
    const MailTemplates templates(folder.path());
    const MailText text =
        templates.render({MailKind::TwoFactorCode, "a@b", {{"code", "123"}}}, kUrl);
    CHECK(text.subject == "Ihr Code 123");
    CHECK(text.plain.starts_with("Bitte eingeben:\n\n123\n"));
    CHECK(contains(text.html, "<p>Bitte eingeben:</p>"));
    CHECK(contains(text.html, ">123</p>"));
  }
  std::ofstream(folder.path() + "/twofactor_email.html")
      << "<h1>{{subject}}</h1>{{#url}}<p>{{url}} {{ code }}</p>{{/url}}{{! not shown }}";
  const MailTemplates templates(folder.path());
  CHECK(templates.render({MailKind::TwoFactorCode, "a@b", {{"code", "<3"}}}, kUrl).html ==
        "<h1>Ihr Code &lt;3</h1><p>https://vault.example.test &lt;3</p>");
  CHECK(contains(templates.render({MailKind::Test, "a@b", {}}, kUrl).plain, "This is a test."));
}

TEST_CASE("a template that cannot work is refused at the start, by name and reason") {
  CHECK(problemOf("twofactor_email.txt", "Subject\n\n{{code}}").empty());
  CHECK(contains(problemOf("twofactor_email.txt", "Subject\n\n{{link}}"), "\"link\""));
  CHECK(contains(problemOf("twofactor_email.txt", "{{subject}}\n\nx"), "\"subject\""));
  CHECK(contains(problemOf("twofactor_email.html", "{{token}}"), "\"token\""));
  CHECK(contains(problemOf("twofactor_email.html", "{{{code}}}"), "not available"));
  CHECK(contains(problemOf("twofactor_email.html", "{{&code}}"), "not available"));
  CHECK(contains(problemOf("twofactor_email.html", "{{>welcome}}"), "not available"));
  CHECK(contains(problemOf("twofactor_email.html", "{{=<% %>=}}"), "not available"));
  CHECK(contains(problemOf("twofactor_email.txt", "x {{code"), "not closed"));
  CHECK_FALSE(problemOf("twofactor_email.txt", "x {{#code}} y").empty());
  CHECK_FALSE(problemOf("twofactor_email.txt", "x \xff").empty());
  CHECK(contains(problemOf("no_such_mail.txt", "x"), "no mail of that name"));
  CHECK_THROWS_AS(MailTemplates("/nowhere/at/all"), UsageError);
}

}  // namespace
}  // namespace coffer::vault
