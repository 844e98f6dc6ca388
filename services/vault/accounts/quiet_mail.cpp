// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/quiet_mail.h"

#include "appliance/base/random.h"
#include "services/vault/mail/mailer.h"
#include "storage/database/database.h"
#include "storage/stores/spent_token_store.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kHashBytes = 32;

// A row of no meaning, which the next sweep takes away.
void pretend(storage::Transaction& tx, UnixMicros now) {
  (void)storage::SpentTokenStore(tx).spend(randomBytes(kHashBytes), now);
}

}  // namespace

void mailOrPretend(const VaultContext& context, const Mail& mail, Recipient recipient) {
  const RenderedMail rendered = context.mailer.render(mail);
  context.database.write([&](storage::Transaction& tx) {
    if (recipient == Recipient::Known) {
      context.mailer.enqueue(tx, rendered);
    } else {
      pretend(tx, context.clock.now());
    }
  });
  context.mailer.sendSoon();
}

}  // namespace coffer::vault
