// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/remembered_devices.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr UnixMicros kLifetime = 30 * kDay;

}  // namespace

std::string makeRememberToken() { return toBase64Url(randomBytes(kTokenBytes)); }

void rememberDevice(storage::Transaction& tx, std::string_view userId, std::string_view device,
                    std::string_view token, UnixMicros now) {
  if (!storage::DeviceStore(tx).setRemember(userId, device, sha256(token), now + kLifetime)) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "the device is not known");
  }
}

bool isRemembered(const VaultContext& context, std::string_view userId, std::string_view device,
                  std::string_view token) {
  const std::string shown = sha256(token);
  const auto known = context.database.read(
      [&](storage::Transaction& tx) { return storage::DeviceStore(tx).find(userId, device); });
  if (!known || !known->rememberHash) return false;
  if (known->rememberExpiresAt.value_or(0) > context.clock.now() &&
      equalsInConstantTime(shown, *known->rememberHash)) {
    return true;
  }
  return context.database.write([&](storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    const auto current = devices.find(userId, device);
    if (current && current->rememberHash == known->rememberHash) {
      (void)devices.setRemember(userId, device, std::nullopt, 0);
    }
    return false;
  });
}

}  // namespace coffer::vault
