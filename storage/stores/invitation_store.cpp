// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/invitation_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kAdd{"invitations.add", R"(
    INSERT INTO invitations (email, invited_by, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (email) DO UPDATE SET invited_by = NULL WHERE excluded.invited_by IS NULL)"};
constexpr Sql kHas{"invitations.has", "SELECT 1 FROM invitations WHERE email = $1"};
constexpr Sql kAny{"invitations.any", "SELECT 1 FROM invitations WHERE email > '' LIMIT 1"};
constexpr Sql kRemove{"invitations.remove", "DELETE FROM invitations WHERE email = $1"};
constexpr Sql kWithdraw{"invitations.withdraw",
                        "DELETE FROM invitations WHERE email = $1 AND invited_by = $2"};

}  // namespace

void InvitationStore::add(std::string_view email, std::optional<std::string_view> invitedBy,
                          UnixMicros now) {
  db_.run(kAdd, email, invitedBy, now);
}

bool InvitationStore::has(std::string_view email) { return db_.query(kHas, email).next(); }

bool InvitationStore::isAnybodyInvited() { return db_.query(kAny).next(); }

bool InvitationStore::remove(std::string_view email) { return db_.run(kRemove, email) == 1; }

void InvitationStore::withdraw(std::string_view email, std::string_view invitedBy) {
  db_.run(kWithdraw, email, invitedBy);
}

}  // namespace coffer::storage
