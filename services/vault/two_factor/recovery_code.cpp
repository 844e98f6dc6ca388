// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/recovery_code.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/vault/mail/news_mail.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/two_factor/totp.h"
#include "storage/database/database.h"

#include <optional>

namespace coffer::vault {
namespace {

constexpr std::size_t kCodeBytes = 20;

std::string comparable(std::string_view code) {
  std::string plain = toLowerAscii(code);
  std::erase(plain, ' ');
  return plain;
}

}  // namespace

std::string makeRecoveryCode() { return toBase32(randomBytes(kCodeBytes)); }

bool isRecoveryCode(const storage::User& user, std::string_view shown) {
  return user.recoveryCode &&
         equalsInConstantTime(comparable(shown), comparable(*user.recoveryCode));
}

bool redeemRecoveryCode(const VaultContext& context, const storage::User& user,
                        std::string_view shown, const std::string& clientAddress) {
  const UnixMicros now = context.clock.now();
  std::optional<RenderedMail> mail;
  if (context.mailer.isEnabled()) {
    mail = context.mailer.render({MailKind::TwoFactorRecovered,
                                  user.email,
                                  {{"ip", clientAddress}, {"datetime", formatHttpDate(now)}}});
  }
  const bool isRedeemed = context.database.write([&](storage::Transaction& tx) {
    const auto current = storage::UserStore(tx).findById(user.id);
    if (!current || current->securityStamp != user.securityStamp ||
        !isRecoveryCode(*current, shown)) {
      return false;
    }
    context.secondFactors.removeAll(tx, user.id, now);
    if (mail) enqueueIfTaken(context.mailer, tx, *mail);
    return true;
  });
  if (isRedeemed && mail) context.mailer.sendSoon();
  return isRedeemed;
}

}  // namespace coffer::vault
