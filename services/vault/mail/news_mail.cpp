// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/news_mail.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "services/vault/mail/built_in_templates.h"

namespace coffer::vault {

void enqueueIfTaken(const Mailer& mailer, storage::Transaction& tx, const RenderedMail& mail) {
  try {
    mailer.enqueue(tx, mail);
  } catch (const Unavailable& fault) {
    log::warning("vault", "a mail was not taken",
                 {{"mail", builtInTemplate(mail.kind).name}, {"reason", fault.what()}});
  }
}

}  // namespace coffer::vault
