// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/incomplete_login_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kRecord{"incomplete_logins.record", R"(
    INSERT INTO incomplete_logins
      (user_id, device_identifier, device_name, device_type, ip_address, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, device_identifier) DO NOTHING)"};
constexpr Sql kRemove{"incomplete_logins.remove", R"(
    DELETE FROM incomplete_logins WHERE user_id = $1 AND device_identifier = $2)"};
constexpr Sql kRemoveIfFrom{"incomplete_logins.remove_if_from", R"(
    DELETE FROM incomplete_logins
    WHERE user_id = $1 AND device_identifier = $2 AND created_at = $3)"};
constexpr Sql kListBefore{"incomplete_logins.list_before", R"(
    SELECT user_id, device_identifier, device_name, device_type, ip_address, created_at
    FROM incomplete_logins WHERE created_at < $1 ORDER BY created_at LIMIT $2)"};

}  // namespace

void IncompleteLoginStore::recordFirst(const IncompleteLogin& login) {
  db_.run(kRecord, login.userId, login.deviceIdentifier, login.deviceName, login.deviceType,
          login.ipAddress, login.createdAt);
}

void IncompleteLoginStore::remove(std::string_view userId, std::string_view deviceIdentifier) {
  db_.run(kRemove, userId, deviceIdentifier);
}

bool IncompleteLoginStore::removeIfFrom(const IncompleteLogin& login) {
  return db_.run(kRemoveIfFrom, login.userId, login.deviceIdentifier, login.createdAt) == 1;
}

std::vector<IncompleteLogin> IncompleteLoginStore::listBefore(UnixMicros time, std::size_t limit) {
  std::vector<IncompleteLogin> all;
  auto rows = db_.query(kListBefore, time, limit);
  while (rows.next()) {
    all.push_back({.userId = rows.string(0),
                   .deviceIdentifier = rows.string(1),
                   .deviceName = rows.string(2),
                   .deviceType = static_cast<int>(rows.integer(3)),
                   .ipAddress = rows.string(4),
                   .createdAt = rows.integer(5)});
  }
  return all;
}

}  // namespace coffer::storage
