// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/yubikey_factor.h"

#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/two_factor/unanswered.h"
#include "services/vault/two_factor/yubikey_validation.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/spent_token_store.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr int kType = static_cast<int>(Provider::YubiKey);

// A code has no end of its own: the key's next one is what ends it, at a server that counts.
constexpr UnixMicros kOtpMemory = 365 * kDay;

void logRefusal(const FactorLogin& login, std::string_view reason) {
  log::error("vault",
             "YubiKey was refused. IP: " + login.request.clientAddress() +
                 ". Username: " + login.user.email + ".",
             {{"reason", reason}});
}

bool hasKey(const std::optional<YubiKeys>& keys, const std::string& otp) {
  if (!keys) return false;
  const auto& ids = keys->ids;
  return std::find(ids.begin(), ids.end(), yubiKeyId(otp)) != ids.end();
}

}  // namespace

bool YubiKeyFactor::isUsable() const {
  const auto& options = context_.options.yubico;
  return !options.clientId.empty() && !options.secretKey.empty();
}

bool YubiKeyFactor::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return storage::TwoFactorStore(tx).isEnabled(userId, kType);
}

void YubiKeyFactor::writeChallenge(const FactorLogin& login, json::Writer& writer) const {
  const auto keys = context_.database.read(
      [&](storage::Transaction& tx) { return findYubiKeys(tx, login.user.id); });
  writer.beginObject().field("Nfc", keys && keys->nfc).endObject();
}

bool YubiKeyFactor::verify(const FactorLogin& login, std::string_view token) const {
  const auto otp = parseYubiKeyOtp(token);
  const auto keys = context_.database.read(
      [&](storage::Transaction& tx) { return findYubiKeys(tx, login.user.id); });
  if (!otp || !hasKey(keys, *otp)) {
    logRefusal(login, otp ? "the key is not one of the account's" : "not a code of a YubiKey");
    return false;
  }
  const auto check = validateYubiKeyOtp(context_.outbound, context_.options.yubico, *otp);
  if (check.verdict == OtpVerdict::NoAnswer) {
    refuseUnanswered(context_, login, kNoYubiKeyAnswer, check.reason);
  }
  if (check.verdict == OtpVerdict::Wrong) {
    logRefusal(login, check.reason);
    return false;
  }
  const bool isFirstUse = context_.database.write([&](storage::Transaction& tx) {
    // The keys may have changed while the server was asked.
    return hasKey(findYubiKeys(tx, login.user.id), *otp) &&
           spendYubiKeyOtp(tx, *otp, context_.clock.now());
  });
  if (!isFirstUse) logRefusal(login, "the code was used before");
  return isFirstUse;
}

void YubiKeyFactor::remove(storage::Transaction& tx, std::string_view userId) const {
  (void)storage::TwoFactorStore(tx).remove(userId, kType);
}

std::optional<YubiKeys> findYubiKeys(storage::Transaction& tx, std::string_view userId) {
  const auto row = storage::TwoFactorStore(tx).find(userId, kType);
  if (!row || !row->enabled) return std::nullopt;
  YubiKeys keys;
  const auto document = json::Document::parse(row->data);
  const auto ids = document.object().array("keys");
  for (std::size_t i = 0; ids && i < ids->size(); ++i) keys.ids.emplace_back(ids->string(i));
  keys.nfc = document.object().boolean("nfc").value_or(false);
  return keys;
}

std::string renderYubiKeys(const YubiKeys& keys) {
  std::string data;
  json::Writer writer(data);
  writer.beginObject().key("keys").beginArray();
  for (const auto& id : keys.ids) writer.value(id);
  writer.endArray().field("nfc", keys.nfc).endObject();
  return data;
}

bool spendYubiKeyOtp(storage::Transaction& tx, const std::string& otp, UnixMicros now) {
  return storage::SpentTokenStore(tx).spend(sha256("yubikey " + otp), now + kOtpMemory);
}

}  // namespace coffer::vault
