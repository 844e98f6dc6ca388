// SPDX-License-Identifier: BSD-2-Clause
//
// Mail in tests: switched on, but nothing leaves the outbox, since a TestVault is never started.
//
//   TestVault vault(&useMail);
//   …
//   const auto mails = takeMails(vault);
#pragma once

#include "services/vault/testing/test_vault.h"
#include "storage/stores/outbox_store.h"

#include <string>
#include <vector>

namespace coffer::vault::testing {

inline void useMail(VaultOptions& options) {
  options.origin = "https://vault.example.test";
  options.mail.host = "mail.example.test";
  options.mail.from = "vault@example.test";
}

// Everything that waits in the outbox, oldest first; it is empty afterwards.
inline std::vector<storage::OutboxMail> takeMails(TestVault& vault) {
  return vault.database().write([](storage::Transaction& tx) {
    storage::OutboxStore outbox(tx);
    auto mails = outbox.due(INT64_MAX, 1000);
    for (const auto& mail : mails) (void)outbox.remove(mail.seq);
    return mails;
  });
}

}  // namespace coffer::vault::testing
