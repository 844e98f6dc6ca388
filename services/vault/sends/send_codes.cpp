// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_codes.h"

#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/mail/mailer.h"
#include "storage/database/database.h"
#include "storage/stores/send_code_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

using storage::SendCode;
using storage::SendCodeStore;
using storage::Transaction;

constexpr std::size_t kDigits = 6;
constexpr UnixMicros kLifetime = 5 * kMinute;

bool isListed(const storage::Send& send, std::string_view email) {
  std::string_view rest = send.emails ? std::string_view(*send.emails) : std::string_view();
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    if (rest.substr(0, end) == email) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

// Worth nothing for another Send or address, whatever the database says.
std::string hashOf(const storage::Send& send, std::string_view email, std::string_view code) {
  std::string text = send.id;
  text.append("\n").append(email).append("\n").append(code);
  return sha256(text);
}

bool isUsedUp(const VaultContext& context, const SendCode& code) {
  return code.attempts >= static_cast<std::int64_t>(context.options.codes.wrongTries);
}

}  // namespace

void mailSendCode(const VaultContext& context, const storage::Send& send,
                  const std::string& email) {
  if (!context.mailer.isEnabled()) {
    log::warning("vault", "a code for a Send cannot be mailed: there is no mail");
    return;
  }
  const std::string code = randomDigits(kDigits);
  const RenderedMail mail = context.mailer.render({MailKind::SendCode, email, {{"code", code}}});
  const bool isMailed = context.database.write([&](Transaction& tx) {
    SendCodeStore codes(tx);
    const UnixMicros now = context.clock.now();
    codes.removeExpired(now);
    const auto before = codes.find(send.id, email);
    if (before && isUsedUp(context, *before)) return false;
    codes.put({.sendId = send.id,
               .email = email,
               .codeHash = hashOf(send, email, code),
               .attempts = before ? before->attempts : 0,
               .sentAt = now,
               .expiresAt = now + kLifetime});
    // An address that is not listed has a code as well, which nobody is told.
    if (!isListed(send, email)) return false;
    context.mailer.enqueue(tx, mail);
    return true;
  });
  if (isMailed) context.mailer.sendSoon();
}

bool redeemSendCode(const VaultContext& context, const storage::Send& send,
                    const std::string& email, std::string_view code) {
  return context.database.write([&](Transaction& tx) {
    SendCodeStore codes(tx);
    const auto known = codes.find(send.id, email);
    if (!known || known->expiresAt <= context.clock.now() || isUsedUp(context, *known))
      return false;
    if (!equalsInConstantTime(known->codeHash, hashOf(send, email, code)) ||
        !isListed(send, email)) {
      codes.countAttempt(send.id, email);
      return false;
    }
    codes.remove(send.id, email);
    return true;
  });
}

}  // namespace coffer::vault
