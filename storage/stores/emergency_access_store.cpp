// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/emergency_access_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

#define ACCESS                                                                     \
  "e.id, e.grantor_id, e.grantee_id, e.email, e.key_encrypted, e.type, e.status, " \
  "e.wait_time_days, e.recovery_initiated_at, e.last_notification_at, e.created_at"
// A day in microseconds; the columns count in days and in microseconds.
#define DAY "86400000000"

constexpr int kContactColumns = 11;

constexpr Sql kInsert{"emergency_access.insert", R"(
    INSERT INTO emergency_access (id, grantor_id, grantee_id, email, type, status, wait_time_days,
      created_at, revised_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8))"};
constexpr Sql kFind{"emergency_access.find",
                    "SELECT " ACCESS " FROM emergency_access e WHERE e.id = $1"};
constexpr Sql kByGrantor{"emergency_access.by_grantor",
                         "SELECT " ACCESS
                         ", coalesce(u.email, e.email), u.name, u.avatar_color "
                         "FROM emergency_access e LEFT JOIN users u ON u.id = e.grantee_id "
                         "WHERE e.grantor_id = $1 ORDER BY e.created_at, e.id"};
constexpr Sql kByGrantee{"emergency_access.by_grantee",
                         "SELECT " ACCESS
                         ", u.email, u.name, u.avatar_color "
                         "FROM emergency_access e JOIN users u ON u.id = e.grantor_id "
                         "WHERE e.grantee_id = $1 ORDER BY e.created_at, e.id"};
constexpr Sql kInvited{"emergency_access.invited", "SELECT " ACCESS
                                                   " FROM emergency_access e "
                                                   "WHERE e.email = $1 AND e.status = 0"};
constexpr Sql kIsContact{"emergency_access.is_contact", R"(
    SELECT 1 FROM emergency_access e LEFT JOIN users u ON u.id = e.grantee_id
    WHERE e.grantor_id = $1 AND (e.email = $2 OR u.email = $2) LIMIT 1)"};
constexpr Sql kUpdate{"emergency_access.update", R"(
    UPDATE emergency_access SET type = $2, wait_time_days = $3, revised_at = $4 WHERE id = $1)"};
constexpr Sql kAccept{"emergency_access.accept", R"(
    UPDATE emergency_access SET grantee_id = $2, email = NULL, status = 1, revised_at = $3
    WHERE id = $1 AND status = 0)"};
constexpr Sql kConfirm{"emergency_access.confirm", R"(
    UPDATE emergency_access SET key_encrypted = $2, status = 2, revised_at = $3
    WHERE id = $1 AND status = 1)"};
constexpr Sql kInitiate{"emergency_access.initiate", R"(
    UPDATE emergency_access SET status = 3, recovery_initiated_at = $2,
      last_notification_at = $2, revised_at = $2
    WHERE id = $1 AND status = 2)"};
constexpr Sql kApprove{"emergency_access.approve", R"(
    UPDATE emergency_access SET status = 4, revised_at = $2 WHERE id = $1 AND status = 3)"};
constexpr Sql kApproveTimedOut{"emergency_access.approve_timed_out",
                               R"(
    UPDATE emergency_access SET status = 4, revised_at = $2
    WHERE id = $1 AND status = 3 AND recovery_initiated_at + wait_time_days * )" DAY " <= $2"};
constexpr Sql kReject{"emergency_access.reject", R"(
    UPDATE emergency_access SET status = 2, recovery_initiated_at = NULL,
      last_notification_at = NULL, revised_at = $2
    WHERE id = $1 AND status IN (3, 4))"};
constexpr Sql kSetKey{"emergency_access.set_key", R"(
    UPDATE emergency_access SET key_encrypted = $2, revised_at = $3
    WHERE id = $1 AND key_encrypted IS NOT NULL)"};
constexpr Sql kNotified{"emergency_access.notified", R"(
    UPDATE emergency_access SET last_notification_at = $2 WHERE id = $1 AND status = 3)"};
constexpr Sql kRemove{"emergency_access.remove", "DELETE FROM emergency_access WHERE id = $1"};
constexpr Sql kTimedOut{"emergency_access.timed_out",
                        "SELECT " ACCESS
                        " FROM emergency_access e WHERE e.recovery_initiated_at IS NOT NULL AND "
                        "e.status = 3 AND e.recovery_initiated_at + e.wait_time_days * " DAY
                        " <= $1"};
constexpr Sql kToRemind{"emergency_access.to_remind",
                        "SELECT " ACCESS
                        " FROM emergency_access e WHERE e.recovery_initiated_at IS NOT NULL AND "
                        "e.status = 3 AND e.recovery_initiated_at + (e.wait_time_days - 1) * " DAY
                        " <= $1 AND coalesce(e.last_notification_at, 0) + " DAY " <= $1"};

#undef ACCESS
#undef DAY

EmergencyAccess read(const Rows& rows) {
  EmergencyAccess access;
  access.id = rows.string(0);
  access.grantorId = rows.string(1);
  access.granteeId = rows.optionalString(2);
  access.email = rows.optionalString(3);
  access.keyEncrypted = rows.optionalString(4);
  access.type = static_cast<EmergencyType>(rows.integer(5));
  access.status = static_cast<EmergencyStatus>(rows.integer(6));
  access.waitTimeDays = rows.integer(7);
  access.recoveryInitiatedAt = rows.optionalInteger(8);
  access.lastNotificationAt = rows.optionalInteger(9);
  access.createdAt = rows.integer(10);
  return access;
}

EmergencyContact readContact(const Rows& rows) {
  return {read(rows), rows.optionalString(kContactColumns),
          rows.optionalString(kContactColumns + 1), rows.optionalString(kContactColumns + 2)};
}

template <typename T, typename Read>
std::vector<T> all(Rows rows, Read&& readOne) {
  std::vector<T> found;
  while (rows.next()) found.push_back(readOne(rows));
  return found;
}

}  // namespace

void EmergencyAccessStore::insert(const EmergencyAccess& access) {
  db_.run(kInsert, access.id, access.grantorId, access.granteeId, access.email,
          static_cast<int>(access.type), static_cast<int>(access.status), access.waitTimeDays,
          access.createdAt);
}

std::optional<EmergencyAccess> EmergencyAccessStore::find(std::string_view id) {
  auto rows = db_.query(kFind, id);
  if (!rows.next()) return std::nullopt;
  return read(rows);
}

std::vector<EmergencyContact> EmergencyAccessStore::listByGrantor(std::string_view grantorId) {
  return all<EmergencyContact>(db_.query(kByGrantor, grantorId), readContact);
}

std::vector<EmergencyContact> EmergencyAccessStore::listByGrantee(std::string_view granteeId) {
  return all<EmergencyContact>(db_.query(kByGrantee, granteeId), readContact);
}

std::vector<EmergencyAccess> EmergencyAccessStore::listInvited(std::string_view email) {
  return all<EmergencyAccess>(db_.query(kInvited, email), read);
}

bool EmergencyAccessStore::isContact(std::string_view grantorId, std::string_view email) {
  return db_.query(kIsContact, grantorId, email).next();
}

bool EmergencyAccessStore::update(std::string_view id, EmergencyType type,
                                  std::int64_t waitTimeDays, UnixMicros now) {
  return db_.run(kUpdate, id, static_cast<int>(type), waitTimeDays, now) == 1;
}

bool EmergencyAccessStore::accept(std::string_view id, std::string_view granteeId, UnixMicros now) {
  return db_.run(kAccept, id, granteeId, now) == 1;
}

bool EmergencyAccessStore::confirm(std::string_view id, std::string_view key, UnixMicros now) {
  return db_.run(kConfirm, id, key, now) == 1;
}

bool EmergencyAccessStore::initiate(std::string_view id, UnixMicros now) {
  return db_.run(kInitiate, id, now) == 1;
}

bool EmergencyAccessStore::approve(std::string_view id, UnixMicros now) {
  return db_.run(kApprove, id, now) == 1;
}

bool EmergencyAccessStore::approveTimedOut(std::string_view id, UnixMicros now) {
  return db_.run(kApproveTimedOut, id, now) == 1;
}

bool EmergencyAccessStore::reject(std::string_view id, UnixMicros now) {
  return db_.run(kReject, id, now) == 1;
}

bool EmergencyAccessStore::setKey(std::string_view id, std::string_view key, UnixMicros now) {
  return db_.run(kSetKey, id, key, now) == 1;
}

bool EmergencyAccessStore::markNotified(std::string_view id, UnixMicros now) {
  return db_.run(kNotified, id, now) == 1;
}

bool EmergencyAccessStore::remove(std::string_view id) { return db_.run(kRemove, id) == 1; }

std::vector<EmergencyAccess> EmergencyAccessStore::listTimedOut(UnixMicros now) {
  return all<EmergencyAccess>(db_.query(kTimedOut, now), read);
}

std::vector<EmergencyAccess> EmergencyAccessStore::listToRemind(UnixMicros now) {
  return all<EmergencyAccess>(db_.query(kToRemind, now), read);
}

}  // namespace coffer::storage
