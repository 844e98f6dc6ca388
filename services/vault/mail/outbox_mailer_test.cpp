// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/outbox_mailer.h"

#include "services/vault/testing/outbox.h"
#include "services/vault/vault_context.h"

#include <doctest/doctest.h>

namespace coffer::vault {
namespace {

using testing::takeMails;
using testing::TestVault;
using testing::useMail;

Mail codeMail(const std::string& to) { return {MailKind::TwoFactorCode, to, {{"code", "123456"}}}; }

TEST_CASE("a mail is in the outbox when the change that causes it is durable, and only then") {
  TestVault vault(&useMail);
  Mailer& mailer = vault.service().context().mailer;
  CHECK(mailer.isEnabled());
  const RenderedMail mail = mailer.render(codeMail("ann@example.test"));
  CHECK_THROWS(vault.database().write([&](storage::Transaction& tx) {
    mailer.enqueue(tx, mail);
    throw Conflict("undone");
  }));
  CHECK(takeMails(vault).empty());
  vault.database().write([&](storage::Transaction& tx) { mailer.enqueue(tx, mail); });
  mailer.sendSoon();
  mailer.send({MailKind::Test, "bob@example.test", {}});
  const auto mails = takeMails(vault);
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].recipient == "ann@example.test");
  CHECK(mails[0].kind == "twofactor_email");
  CHECK(mails[0].plain.find("\n123456\n") != std::string::npos);
  CHECK(mails[0].plain.find("https://vault.example.test") != std::string::npos);
  CHECK(mails[0].expiresAt - mails[0].createdAt == 600 * kSecond);
  CHECK(mails[1].kind == "smtp_test");
  CHECK(mails[1].expiresAt - mails[1].createdAt == 3 * kDay);
}

TEST_CASE("a vault without mail takes none") {
  TestVault vault;
  Mailer& mailer = vault.service().context().mailer;
  CHECK_FALSE(mailer.isEnabled());
  CHECK_THROWS_AS(mailer.send(codeMail("ann@example.test")), Unavailable);
  TestVault noSender([](VaultOptions& options) { options.mail.host = "mail.example.test"; });
  CHECK_FALSE(noSender.service().context().mailer.isEnabled());
}

TEST_CASE("the outbox does not grow without end") {
  TestVault vault(&useMail);
  Mailer& mailer = vault.service().context().mailer;
  const RenderedMail mail = mailer.render(codeMail("ann@example.test"));
  const auto add = [&](int count) {
    vault.database().write([&](storage::Transaction& tx) {
      for (int i = 0; i < count; ++i) mailer.enqueue(tx, mail);
    });
  };
  vault.database().write([&](storage::Transaction& tx) {
    for (int i = 0; i < 9'999; ++i) {
      storage::OutboxStore(tx).insert({.recipient = "x",
                                       .kind = "x",
                                       .subject = "",
                                       .plain = "",
                                       .html = "",
                                       .createdAt = 1,
                                       .dueAt = 1});
    }
  });
  add(1);
  CHECK_THROWS_AS(add(1), Unavailable);
}

}  // namespace
}  // namespace coffer::vault
