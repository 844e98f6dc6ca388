// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/device_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

#define DEVICE                                                                   \
  "SELECT user_id, identifier, type, name, push_token, push_uuid, refresh_hash," \
  " refresh_expires_at, remember_hash, remember_expires_at, encrypted_user_key," \
  " encrypted_public_key, encrypted_private_key, created_at, last_seen_at FROM devices "

constexpr Sql kFind{"devices.find", DEVICE "WHERE user_id = $1 AND identifier = $2"};
constexpr Sql kList{"devices.list",
                    DEVICE "WHERE user_id = $1 ORDER BY last_seen_at DESC, identifier"};
constexpr Sql kByRefresh{"devices.by_refresh", DEVICE "WHERE refresh_hash = $1"};
constexpr Sql kByPreviousRefresh{"devices.by_previous_refresh",
                                 DEVICE "WHERE previous_refresh_hash = $1"};
#undef DEVICE

constexpr Sql kIsKnown{"devices.is_known",
                       "SELECT 1 FROM devices WHERE user_id = $1 AND identifier = $2"};
constexpr Sql kInsert{"devices.insert", R"(
    INSERT INTO devices (user_id, identifier, type, name, created_at, last_seen_at)
    VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (user_id, identifier) DO NOTHING)"};
constexpr Sql kTouch{"devices.touch", R"(
    UPDATE devices SET last_seen_at = $3 WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kRotateRefresh{"devices.rotate_refresh", R"(
    UPDATE devices SET
      previous_refresh_hash = CASE WHEN refresh_expires_at > $5 THEN refresh_hash END,
      refresh_hash = $3, refresh_expires_at = $4
    WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kExtendRefresh{"devices.extend_refresh", R"(
    UPDATE devices SET refresh_expires_at = $3, last_seen_at = $4
    WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kSetRemember{"devices.set_remember", R"(
    UPDATE devices SET remember_hash = $3, remember_expires_at = $4
    WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kSetPushToken{"devices.set_push_token", R"(
    UPDATE devices SET push_token = $3, push_uuid = $4 WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kSetTrust{"devices.set_trust", R"(
    UPDATE devices SET encrypted_user_key = $3, encrypted_public_key = $4,
      encrypted_private_key = $5
    WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kDescribe{"devices.describe", R"(
    UPDATE devices SET type = $3, name = $4 WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kRemove{"devices.remove",
                      "DELETE FROM devices WHERE user_id = $1 AND identifier = $2"};
constexpr Sql kClearPushToken{"devices.clear_push_token", R"(
    UPDATE devices SET push_token = NULL, push_uuid = NULL WHERE identifier = $1)"};
constexpr Sql kListPushUuids{"devices.list_push_uuids", R"(
    SELECT push_uuid FROM devices WHERE identifier = $1 AND push_uuid IS NOT NULL)"};
constexpr Sql kSetWebPush{"devices.set_web_push", R"(
    UPDATE devices SET web_push = $3 WHERE user_id = $1 AND identifier = $2)"};
constexpr Sql kRemoveAll{"devices.remove_all", "DELETE FROM devices WHERE user_id = $1"};
constexpr Sql kForgetTokens{"devices.forget_tokens", R"(
    UPDATE devices SET refresh_hash = NULL, previous_refresh_hash = NULL,
      refresh_expires_at = NULL, remember_hash = NULL, remember_expires_at = NULL
    WHERE user_id = $1)"};
constexpr Sql kForgetRemembered{"devices.forget_remembered", R"(
    UPDATE devices SET remember_hash = NULL, remember_expires_at = NULL WHERE user_id = $1)"};

Device readDevice(const Rows& rows) {
  return {.userId = rows.string(0),
          .identifier = rows.string(1),
          .type = static_cast<int>(rows.integer(2)),
          .name = rows.string(3),
          .pushToken = rows.optionalString(4),
          .pushUuid = rows.optionalString(5),
          .refreshHash = rows.optionalBlob(6),
          .refreshExpiresAt = rows.optionalInteger(7),
          .rememberHash = rows.optionalBlob(8),
          .rememberExpiresAt = rows.optionalInteger(9),
          .encryptedUserKey = rows.optionalString(10),
          .encryptedPublicKey = rows.optionalString(11),
          .encryptedPrivateKey = rows.optionalString(12),
          .createdAt = rows.integer(13),
          .lastSeenAt = rows.integer(14)};
}

}  // namespace

bool DeviceStore::recordLogin(const DeviceLogin& login) {
  const bool isNew =
      db_.run(kInsert, login.userId, login.identifier, login.type, login.name, login.now) == 1;
  if (!isNew) db_.run(kTouch, login.userId, login.identifier, login.now);
  return isNew;
}

std::optional<Device> DeviceStore::find(std::string_view userId, std::string_view identifier) {
  auto rows = db_.query(kFind, userId, identifier);
  if (!rows.next()) return std::nullopt;
  return readDevice(rows);
}

std::vector<Device> DeviceStore::list(std::string_view userId) {
  std::vector<Device> devices;
  auto rows = db_.query(kList, userId);
  while (rows.next()) devices.push_back(readDevice(rows));
  return devices;
}

bool DeviceStore::isKnown(std::string_view userId, std::string_view identifier) {
  return db_.query(kIsKnown, userId, identifier).next();
}

std::optional<Device> DeviceStore::findByRefreshHash(std::string_view hash) {
  auto current = db_.query(kByRefresh, Blob{hash});
  if (current.next()) return readDevice(current);
  auto previous = db_.query(kByPreviousRefresh, Blob{hash});
  if (previous.next()) return readDevice(previous);
  return std::nullopt;
}

bool DeviceStore::rotateRefresh(std::string_view userId, std::string_view identifier,
                                std::string_view hash, UnixMicros expiresAt, UnixMicros now) {
  return db_.run(kRotateRefresh, userId, identifier, Blob{hash}, expiresAt, now) == 1;
}

bool DeviceStore::extendRefresh(std::string_view userId, std::string_view identifier,
                                UnixMicros expiresAt, UnixMicros now) {
  return db_.run(kExtendRefresh, userId, identifier, expiresAt, now) == 1;
}

bool DeviceStore::setRemember(std::string_view userId, std::string_view identifier,
                              std::optional<std::string_view> hash, UnixMicros expiresAt) {
  if (!hash) return db_.run(kSetRemember, userId, identifier, std::nullopt, std::nullopt) == 1;
  return db_.run(kSetRemember, userId, identifier, Blob{*hash}, expiresAt) == 1;
}

bool DeviceStore::setPushToken(std::string_view userId, std::string_view identifier,
                               std::optional<std::string_view> token,
                               std::optional<std::string_view> pushUuid) {
  return db_.run(kSetPushToken, userId, identifier, token, pushUuid) == 1;
}

bool DeviceStore::setTrust(std::string_view userId, std::string_view identifier,
                           std::optional<std::string_view> encryptedUserKey,
                           std::optional<std::string_view> encryptedPublicKey,
                           std::optional<std::string_view> encryptedPrivateKey) {
  return db_.run(kSetTrust, userId, identifier, encryptedUserKey, encryptedPublicKey,
                 encryptedPrivateKey) == 1;
}

bool DeviceStore::describe(std::string_view userId, std::string_view identifier, int type,
                           std::string_view name) {
  return db_.run(kDescribe, userId, identifier, type, name) == 1;
}

bool DeviceStore::touch(std::string_view userId, std::string_view identifier, UnixMicros now) {
  return db_.run(kTouch, userId, identifier, now) == 1;
}

bool DeviceStore::remove(std::string_view userId, std::string_view identifier) {
  return db_.run(kRemove, userId, identifier) == 1;
}

bool DeviceStore::setWebPush(std::string_view userId, std::string_view identifier,
                             std::string_view subscription) {
  return db_.run(kSetWebPush, userId, identifier, subscription) == 1;
}

std::vector<std::string> DeviceStore::listPushUuids(std::string_view identifier) {
  std::vector<std::string> uuids;
  auto rows = db_.query(kListPushUuids, identifier);
  while (rows.next()) uuids.push_back(rows.string(0));
  return uuids;
}

void DeviceStore::clearPushToken(std::string_view identifier) {
  db_.run(kClearPushToken, identifier);
}

std::int64_t DeviceStore::removeAll(std::string_view userId) { return db_.run(kRemoveAll, userId); }

std::int64_t DeviceStore::forgetTokens(std::string_view userId) {
  return db_.run(kForgetTokens, userId);
}

std::int64_t DeviceStore::forgetRemembered(std::string_view userId) {
  return db_.run(kForgetRemembered, userId);
}

}  // namespace coffer::storage
