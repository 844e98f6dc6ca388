// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_jobs.h"

#include "appliance/base/log.h"
#include "services/vault/emergency_access/emergency_rules.h"
#include "storage/database/database.h"

#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

using storage::EmergencyAccess;
using storage::EmergencyAccessStore;

struct Concerned {
  EmergencyAccess access;
  storage::User grantor;
  storage::User grantee;
};

template <typename List>
std::vector<Concerned> loadAll(const VaultContext& context, List&& list) {
  return context.database.read([&](storage::Transaction& tx) {
    EmergencyAccessStore store(tx);
    std::vector<Concerned> all;
    for (auto& access : list(store)) {
      if (!access.granteeId) continue;
      auto grantor = person(tx, access.grantorId);
      auto grantee = person(tx, *access.granteeId);
      all.push_back({std::move(access), std::move(grantor), std::move(grantee)});
    }
    return all;
  });
}

bool grant(const VaultContext& context, const Concerned& one) {
  const auto toGrantor = renderIfEnabled(context, {MailKind::EmergencyRecoveryTimedOut,
                                                   one.grantor.email,
                                                   {{"grantee_name", shownName(one.grantee)},
                                                    {"access", accessWord(one.access.type)}}});
  const auto toGrantee = renderIfEnabled(context, {MailKind::EmergencyRecoveryApproved,
                                                   one.grantee.email,
                                                   {{"grantor_name", shownName(one.grantor)}}});
  const bool isGranted = context.database.write([&](storage::Transaction& tx) {
    if (!EmergencyAccessStore(tx).approveTimedOut(one.access.id, context.clock.now())) return false;
    if (toGrantor) context.mailer.enqueue(tx, *toGrantor);
    if (toGrantee) context.mailer.enqueue(tx, *toGrantee);
    return true;
  });
  if (isGranted) {
    log::warning("vault", "emergency access was granted because its waiting time is over",
                 {{"grantor", one.grantor.email}, {"grantee", one.grantee.email}});
  }
  return isGranted;
}

bool remind(const VaultContext& context, const Concerned& one) {
  const auto mail = context.mailer.render({MailKind::EmergencyRecoveryReminder,
                                           one.grantor.email,
                                           {{"grantee_name", shownName(one.grantee)},
                                            {"access", accessWord(one.access.type)},
                                            {"days_left", "1"}}});
  return context.database.write([&](storage::Transaction& tx) {
    if (!EmergencyAccessStore(tx).markNotified(one.access.id, context.clock.now())) return false;
    context.mailer.enqueue(tx, mail);
    return true;
  });
}

}  // namespace

std::uint64_t grantTimedOutRequests(const VaultContext& context) {
  if (!context.options.emergencyAccess) return 0;
  const UnixMicros now = context.clock.now();
  std::uint64_t count = 0;
  for (const auto& one :
       loadAll(context, [&](EmergencyAccessStore& store) { return store.listTimedOut(now); })) {
    if (grant(context, one)) ++count;
  }
  if (count > 0 && context.mailer.isEnabled()) context.mailer.sendSoon();
  return count;
}

std::uint64_t remindGrantors(const VaultContext& context) {
  if (!context.options.emergencyAccess || !context.mailer.isEnabled()) return 0;
  const UnixMicros now = context.clock.now();
  std::uint64_t count = 0;
  for (const auto& one :
       loadAll(context, [&](EmergencyAccessStore& store) { return store.listToRemind(now); })) {
    if (remind(context, one)) ++count;
  }
  if (count > 0) context.mailer.sendSoon();
  return count;
}

}  // namespace coffer::vault
