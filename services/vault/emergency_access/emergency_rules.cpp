// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_rules.h"

#include "appliance/base/fault.h"

namespace coffer::vault {

using storage::EmergencyAccess;
using storage::EmergencyAccessStore;
using storage::EmergencyStatus;
using storage::EmergencyType;

void requireEmergencyAccess(const VaultContext& context) {
  if (!context.options.emergencyAccess) throw BadRequest("Emergency access is not enabled.");
}

EmergencyAccess asGrantor(storage::Transaction& tx, const Session& session, std::string_view id) {
  auto access = EmergencyAccessStore(tx).find(id);
  if (!access || access->grantorId != session.userId) throw NotFound("Resource not found.");
  return std::move(*access);
}

EmergencyAccess asGrantee(storage::Transaction& tx, const Session& session, std::string_view id) {
  auto access = EmergencyAccessStore(tx).find(id);
  if (!access || access->granteeId != session.userId) throw NotFound("Resource not found.");
  return std::move(*access);
}

EmergencyAccess granted(storage::Transaction& tx, const Session& session, std::string_view id,
                        EmergencyType type) {
  auto access = asGrantee(tx, session, id);
  requireStep(access.status == EmergencyStatus::RecoveryApproved && access.type == type &&
              access.keyEncrypted.has_value());
  return access;
}

void requireStep(bool taken) {
  if (!taken) throw BadRequest(kEmergencyRefused);
}

std::string shownName(const storage::User& user) {
  return user.name && !user.name->empty() ? *user.name : user.email;
}

std::string accessWord(EmergencyType type) {
  return type == EmergencyType::View ? "view" : "takeover";
}

storage::User person(storage::Transaction& tx, std::string_view userId) {
  auto user = storage::UserStore(tx).findById(userId);
  if (!user) throw NotFound("Resource not found.");
  return std::move(*user);
}

std::optional<RenderedMail> renderIfEnabled(const VaultContext& context, const Mail& mail) {
  if (!context.mailer.isEnabled()) return std::nullopt;
  return context.mailer.render(mail);
}

void acceptOpenInvitations(const VaultContext& context, storage::Transaction& tx,
                           const storage::User& user, UnixMicros now) {
  if (context.mailer.isEnabled() || !context.options.emergencyAccess) return;
  EmergencyAccessStore store(tx);
  for (const auto& access : store.listInvited(user.email)) {
    (void)store.accept(access.id, user.id, now);
  }
}

}  // namespace coffer::vault
