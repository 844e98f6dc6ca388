// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/jobs/vault_jobs.h"

#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/emergency_access/emergency_jobs.h"
#include "services/vault/files/removed_files.h"
#include "services/vault/files/sweep_files.h"
#include "services/vault/jobs/purge_expired.h"
#include "services/vault/jobs/purge_trash.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/sends/purge_sends.h"
#include "services/vault/two_factor/incomplete_logins.h"
#include "services/vault/vault_context.h"

#include <limits>

namespace coffer::vault {

std::vector<VaultJob> vaultJobs(const VaultContext& context) {
  return {
      {"purge-sends", "Remove Sends whose deletion date has passed.",
       [&context] { return purgeSends(context); }},
      {"purge-trash", "Remove what has been in the trash for as long as it is kept.",
       [&context] { return purgeTrash(context); }},
      {"incomplete-logins", "Tell people of logins that stopped at the second factor.",
       [&context] { return noticeIncompleteLogins(context); }},
      {"purge-auth-requests", "Remove requests to log in with another device that are over.",
       [&context] { return purgeAuthRequests(context); }},
      {"emergency-timeouts", "Grant emergency access whose waiting time is over.",
       [&context] { return grantTimedOutRequests(context); }},
      {"emergency-reminders", "Remind people of emergency access that is about to be granted.",
       [&context] { return remindGrantors(context); }},
      {"purge-expired", "Remove codes, challenges and used tokens whose time is over.",
       [&context] {
         // Another process may have put mails into the outbox.
         if (context.mailer.isEnabled()) context.mailer.sendSoon();
         return purgeExpired(context);
       }},
      {"remove-files", "Take the files of removed items, Sends and accounts off the disk.",
       [&context] {
         return removeFilesOfRemovedRows(context, std::numeric_limits<std::size_t>::max());
       }},
      {"sweep-files", "Remove files that nothing belongs to, and announced ones that never came.",
       [&context] { return sweepFiles(context); }},
  };
}

}  // namespace coffer::vault
