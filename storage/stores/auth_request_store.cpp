// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/auth_request_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

#define COFFER_COLUMNS                                                              \
  "id, user_id, type, request_device_identifier, request_device_type, request_ip, " \
  "access_code_hash, public_key, origin, response_device_identifier, key, "         \
  "master_password_hash, approved, created_at, responded_at, authenticated_at"

constexpr Sql kInsert{"auth_requests.insert", R"(
    INSERT INTO auth_requests (id, user_id, type, request_device_identifier, request_device_type,
      request_ip, access_code_hash, public_key, origin, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))"};
constexpr Sql kFind{"auth_requests.find",
                    "SELECT " COFFER_COLUMNS " FROM auth_requests WHERE id = $1"};
constexpr Sql kIsKnown{"auth_requests.is_known", "SELECT 1 FROM auth_requests WHERE id = $1"};
constexpr Sql kList{"auth_requests.list", "SELECT " COFFER_COLUMNS
                                          " FROM auth_requests WHERE user_id = $1 AND "
                                          "created_at > $2 ORDER BY created_at DESC, id"};
constexpr Sql kAnswer{"auth_requests.answer", R"(
    UPDATE auth_requests SET approved = $2, key = $3, master_password_hash = $4,
      response_device_identifier = $5, responded_at = $6
    WHERE id = $1 AND responded_at IS NULL)"};
constexpr Sql kUse{"auth_requests.use", R"(
    UPDATE auth_requests SET authenticated_at = $2
    WHERE id = $1 AND approved = 1 AND authenticated_at IS NULL)"};
constexpr Sql kRemoveBefore{"auth_requests.remove_before", R"(
    DELETE FROM auth_requests WHERE id IN (
      SELECT id FROM auth_requests WHERE created_at < $1 ORDER BY created_at LIMIT $2))"};

#undef COFFER_COLUMNS

AuthRequest read(const Rows& rows) {
  AuthRequest request;
  request.id = rows.string(0);
  request.userId = rows.string(1);
  request.type = static_cast<int>(rows.integer(2));
  request.requestDeviceIdentifier = rows.string(3);
  request.requestDeviceType = static_cast<int>(rows.integer(4));
  request.requestIp = rows.string(5);
  request.accessCodeHash = std::string(rows.blob(6));
  request.publicKey = rows.string(7);
  request.origin = rows.string(8);
  request.responseDeviceIdentifier = rows.optionalString(9);
  request.key = rows.optionalString(10);
  request.masterPasswordHash = rows.optionalString(11);
  if (const auto approved = rows.optionalInteger(12)) request.approved = *approved != 0;
  request.createdAt = rows.integer(13);
  request.respondedAt = rows.optionalInteger(14);
  request.authenticatedAt = rows.optionalInteger(15);
  return request;
}

}  // namespace

void AuthRequestStore::insert(const AuthRequest& request) {
  db_.run(kInsert, request.id, request.userId, request.type, request.requestDeviceIdentifier,
          request.requestDeviceType, request.requestIp, Blob{request.accessCodeHash},
          request.publicKey, request.origin, request.createdAt);
}

bool AuthRequestStore::isKnown(std::string_view id) { return db_.query(kIsKnown, id).next(); }

std::optional<AuthRequest> AuthRequestStore::find(std::string_view id) {
  auto rows = db_.query(kFind, id);
  if (!rows.next()) return std::nullopt;
  return read(rows);
}

std::optional<AuthRequest> AuthRequestStore::find(std::string_view userId, std::string_view id) {
  auto request = find(id);
  if (request && request->userId != userId) return std::nullopt;
  return request;
}

std::vector<AuthRequest> AuthRequestStore::list(std::string_view userId, UnixMicros since) {
  std::vector<AuthRequest> requests;
  auto rows = db_.query(kList, userId, since);
  while (rows.next()) requests.push_back(read(rows));
  return requests;
}

bool AuthRequestStore::answer(std::string_view id, const AuthAnswer& answer, UnixMicros now) {
  return db_.run(kAnswer, id, answer.approved, answer.key, answer.masterPasswordHash,
                 answer.deviceIdentifier, now) == 1;
}

bool AuthRequestStore::use(std::string_view id, UnixMicros now) {
  return db_.run(kUse, id, now) == 1;
}

std::uint64_t AuthRequestStore::removeBefore(UnixMicros time, std::int64_t most) {
  return static_cast<std::uint64_t>(db_.run(kRemoveBefore, time, most));
}

}  // namespace coffer::storage
