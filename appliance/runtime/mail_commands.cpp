// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/clock.h"
#include "appliance/base/random.h"
#include "appliance/outbound/mail_message.h"
#include "appliance/outbound/mail_transport.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/mail_advice.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/service_options.h"
#include "services/vault/json/writer.h"
#include "services/vault/mail/mail_route.h"
#include "services/vault/mail/mail_templates.h"
#include "storage/database/database.h"
#include "storage/stores/outbox_store.h"

#include <iostream>

namespace coffer::runtime {
namespace {

using storage::OutboxMail;
using storage::OutboxStore;
using storage::Transaction;

constexpr std::int64_t kMaxListed = 100'000;

std::string testMessage(const vault::VaultOptions& options, const std::string& to) {
  const vault::MailTemplates templates(options.mail.templatesFolder);
  const auto text = templates.render({vault::MailKind::Test, to, {}}, options.origin);
  outbound::MailMessage message;
  message.id = "coffer." + randomUuid();
  message.from = options.mail.from;
  message.fromName = options.mail.fromName;
  message.to = to;
  message.subject = text.subject;
  message.plain = text.plain;
  message.html = text.html;
  message.date = SystemClock().now();
  return composeMail(message);
}

std::string databaseFile(const config::Settings& settings) {
  becomeOwnerOf(settings.dataDir);
  tightenUmask(077);
  return vaultDatabase(settings);
}

std::string asJson(const std::vector<OutboxMail>& mails) {
  std::string out;
  vault::json::Writer json(out);
  json.beginArray();
  for (const auto& mail : mails) {
    json.beginObject().field("mail", mail.kind).field("to", mail.recipient);
    json.field("attempts", mail.attempts).field("lastError", mail.lastError);
    json.dateField("createdAt", mail.createdAt).dateField("dueAt", mail.dueAt);
    json.dateField("expiresAt", mail.expiresAt).endObject();
  }
  json.endArray();
  return out + "\n";
}

std::string asText(const std::vector<OutboxMail>& mails) {
  std::string out;
  for (const auto& mail : mails) {
    out += mail.kind + "\t" + mail.recipient + "\t" + std::to_string(mail.attempts) +
           " attempts\tnext " + formatIsoDate(mail.dueAt) + "\t" + mail.lastError.value_or("") +
           "\n";
  }
  return out;
}

}  // namespace

int mailTest(const SettingsInput& input, const std::string& address) {
  const vault::VaultOptions options = vaultOptions(loadSettings(input));
  if (!options.mail.isConfigured()) {
    throw UsageError("mail is off: set mail.from, and mail.host or mail.sendmail");
  }
  if (!outbound::isMailAddress(address)) {
    throw UsageError("\"" + address + "\" is no address that mail can be sent to", 2);
  }
  const auto route = vault::mailRoute(options.mail);
  const std::string message = testMessage(options, address);
  try {
    outbound::openMailSession(route)->deliver(options.mail.from, address, message);
  } catch (const outbound::MailFault& fault) {
    throw UsageError(explain(fault, route));
  }
  std::cerr << "sent to " << address << " by " << describe(route)
            << "; look whether it arrives, also among what is taken for spam\n";
  return 0;
}

int mailQueue(const SettingsInput& input, bool json) {
  storage::Database database(databaseFile(loadSettings(input)));
  const auto mails =
      database.read([](Transaction& tx) { return OutboxStore(tx).list(kMaxListed); });
  std::cout << (json ? asJson(mails) : asText(mails));
  return 0;
}

int mailRetry(const SettingsInput& input) {
  storage::Database database(databaseFile(loadSettings(input)));
  const auto count = database.write([](Transaction& tx) {
    OutboxStore outbox(tx);
    (void)outbox.makeDue(SystemClock().now());
    return outbox.count();
  });
  std::cerr << "a running server tries " << count << " mails again within half a minute\n";
  return 0;
}

}  // namespace coffer::runtime
