// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/duo_login_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kMakeRoom{"duo_logins.make_room", R"(
    DELETE FROM duo_logins WHERE state_hash IN (
      SELECT state_hash FROM duo_logins WHERE user_id = $1
      ORDER BY expires_at DESC LIMIT -1 OFFSET $2))"};
constexpr Sql kInsert{"duo_logins.insert", R"(
    INSERT INTO duo_logins (state_hash, user_id, nonce, expires_at) VALUES ($1, $2, $3, $4))"};
constexpr Sql kFind{"duo_logins.find", R"(
    SELECT nonce, expires_at FROM duo_logins WHERE state_hash = $1 AND user_id = $2)"};
constexpr Sql kRemove{"duo_logins.remove", "DELETE FROM duo_logins WHERE state_hash = $1"};
constexpr Sql kRemoveAll{"duo_logins.remove_all", "DELETE FROM duo_logins WHERE user_id = $1"};

}  // namespace

void DuoLoginStore::insert(const DuoLogin& login, std::int64_t most) {
  db_.run(kMakeRoom, login.userId, most - 1);
  db_.run(kInsert, Blob{login.stateHash}, login.userId, login.nonce, login.expiresAt);
}

std::optional<std::string> DuoLoginStore::take(std::string_view stateHash, std::string_view userId,
                                               UnixMicros now) {
  std::string nonce;
  UnixMicros expiresAt = 0;
  {
    auto rows = db_.query(kFind, Blob{stateHash}, userId);
    if (!rows.next()) return std::nullopt;
    nonce = rows.text(0);
    expiresAt = rows.integer(1);
  }
  db_.run(kRemove, Blob{stateHash});
  if (expiresAt <= now) return std::nullopt;
  return nonce;
}

void DuoLoginStore::removeAll(std::string_view userId) { db_.run(kRemoveAll, userId); }

}  // namespace coffer::storage
