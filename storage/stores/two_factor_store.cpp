// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/two_factor_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

#define ROW                                                                     \
  "SELECT user_id, type, enabled, data, last_used, created_at, revised_at FROM" \
  " two_factor_providers "
constexpr Sql kFind{"two_factor.find", ROW "WHERE user_id = $1 AND type = $2"};
constexpr Sql kList{"two_factor.list", ROW "WHERE user_id = $1 ORDER BY type"};
#undef ROW

constexpr Sql kIsEnabled{"two_factor.is_enabled", R"(
    SELECT 1 FROM two_factor_providers WHERE user_id = $1 AND type = $2 AND enabled = 1)"};
constexpr Sql kHasAny{"two_factor.has_any", R"(
    SELECT 1 FROM two_factor_providers WHERE user_id = $1 AND enabled = 1
    UNION ALL SELECT 1 FROM webauthn_credentials WHERE user_id = $1 AND login = 0 LIMIT 1)"};
constexpr Sql kPut{"two_factor.put", R"(
    INSERT INTO two_factor_providers
      (user_id, type, enabled, data, last_used, created_at, revised_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (user_id, type) DO UPDATE SET
      enabled = excluded.enabled, data = excluded.data, last_used = excluded.last_used,
      revised_at = excluded.revised_at)"};
constexpr Sql kRaise{"two_factor.raise_last_used", R"(
    UPDATE two_factor_providers SET last_used = $4
    WHERE user_id = $1 AND type = $2 AND enabled = 1 AND data = $3 AND last_used < $4)"};
constexpr Sql kRemove{"two_factor.remove",
                      "DELETE FROM two_factor_providers WHERE user_id = $1 AND type = $2"};
constexpr Sql kRemoveAll{"two_factor.remove_all",
                         "DELETE FROM two_factor_providers WHERE user_id = $1"};

TwoFactorRow readRow(const Rows& rows) {
  return {.userId = rows.string(0),
          .type = static_cast<int>(rows.integer(1)),
          .enabled = rows.boolean(2),
          .data = rows.string(3),
          .lastUsed = rows.integer(4),
          .createdAt = rows.integer(5),
          .revisedAt = rows.integer(6)};
}

}  // namespace

std::optional<TwoFactorRow> TwoFactorStore::find(std::string_view userId, int type) {
  auto rows = db_.query(kFind, userId, type);
  if (!rows.next()) return std::nullopt;
  return readRow(rows);
}

std::vector<TwoFactorRow> TwoFactorStore::list(std::string_view userId) {
  std::vector<TwoFactorRow> all;
  auto rows = db_.query(kList, userId);
  while (rows.next()) all.push_back(readRow(rows));
  return all;
}

bool TwoFactorStore::isEnabled(std::string_view userId, int type) {
  return db_.query(kIsEnabled, userId, type).next();
}

bool TwoFactorStore::hasAny(std::string_view userId) { return db_.query(kHasAny, userId).next(); }

void TwoFactorStore::put(const TwoFactorRow& row) {
  db_.run(kPut, row.userId, row.type, row.enabled, row.data, row.lastUsed, row.createdAt,
          row.revisedAt);
}

bool TwoFactorStore::raiseLastUsed(std::string_view userId, int type, std::string_view data,
                                   std::int64_t value) {
  return db_.run(kRaise, userId, type, data, value) == 1;
}

bool TwoFactorStore::remove(std::string_view userId, int type) {
  return db_.run(kRemove, userId, type) == 1;
}

std::int64_t TwoFactorStore::removeAll(std::string_view userId) {
  return db_.run(kRemoveAll, userId);
}

}  // namespace coffer::storage
