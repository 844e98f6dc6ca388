// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_codes.h"

#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/mail/mailer.h"
#include "storage/database/database.h"
#include "storage/stores/send_code_store.h"
#include "storage/stores/spent_token_store.h"

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

// Waits for the disk as what remembers something does.
void writeForNothing(Transaction& tx, UnixMicros now) {
  constexpr std::size_t bytes = 32;
  static_cast<void>(storage::SpentTokenStore(tx).spend(randomBytes(bytes), now + kLifetime));
}

RenderedMail renderCode(const VaultContext& context, const std::string& email,
                        const std::string& code) {
  return context.mailer.render({MailKind::SendCode, email, {{"code", code}}});
}

}  // namespace

void mailSendCode(const VaultContext& context, const storage::Send& send,
                  const std::string& email) {
  if (!context.mailer.isEnabled()) {
    log::warning("vault", "a code for a Send cannot be mailed: there is no mail");
    return;
  }
  const std::string code = randomDigits(kDigits);
  const RenderedMail mail = renderCode(context, email, code);
  const bool isMailed = context.database.write([&](Transaction& tx) {
    SendCodeStore codes(tx);
    const UnixMicros now = context.clock.now();
    codes.removeExpired(now);
    const auto before = codes.find(send.id, email);
    if (before && isUsedUp(context, *before)) {
      writeForNothing(tx, now);
      return false;
    }
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
    const UnixMicros now = context.clock.now();
    if (!known || known->expiresAt <= now || isUsedUp(context, *known)) {
      writeForNothing(tx, now);
      return false;
    }
    if (!equalsInConstantTime(known->codeHash, hashOf(send, email, code)) ||
        !isListed(send, email)) {
      codes.countAttempt(send.id, email);
      return false;
    }
    codes.remove(send.id, email);
    return true;
  });
}

void feignMailingCode(const VaultContext& context, const std::string& email) {
  static_cast<void>(renderCode(context, email, randomDigits(kDigits)));
  feignRedeemingCode(context);
}

void feignRedeemingCode(const VaultContext& context) {
  context.database.write([&](Transaction& tx) { writeForNothing(tx, context.clock.now()); });
}

}  // namespace coffer::vault
