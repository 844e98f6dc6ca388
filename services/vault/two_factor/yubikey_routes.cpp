// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/yubikey_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "services/vault/two_factor/yubikey_factor.h"
#include "services/vault/two_factor/yubikey_validation.h"
#include "storage/database/database.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>
#include <array>

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr int kType = static_cast<int>(Provider::YubiKey);
constexpr std::array<std::string_view, kMaxYubiKeys> kSlots = {"key1", "key2", "key3", "key4",
                                                               "key5"};

// A slot of the form that is not empty: the id of a key that is to stay, or the code of one that is
// shown now.
struct Shown {
  std::string slot;  // As error bodies name it.
  std::string id;
  std::optional<std::string> otp;
};

struct Wanted {
  std::vector<Shown> keys;
  bool nfc = false;
};

Response answer(std::string_view object, const std::optional<YubiKeys>& keys,
                std::string_view token = {}) {
  return setUpAnswer({"yubiKey", object}, token, [&](json::Writer& writer) {
    writer.field("enabled", keys.has_value());
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
      const bool isThere = keys && i < keys->ids.size();
      writer.field(kSlots[i], isThere ? std::optional(keys->ids[i]) : std::nullopt);
    }
    writer.field("nfc", keys && keys->nfc);
  });
}

Response getYubiKey(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecretKeeping(context, session, document.object());
  const auto keys = context.database.read(
      [&](storage::Transaction& tx) { return findYubiKeys(tx, session.userId); });
  return answer("twoFactorYubiKey", keys, issueSetUpToken(context, session, Provider::YubiKey));
}

Wanted readForm(const json::Object& form) {
  Wanted wanted{{}, form.boolean("nfc").value_or(false)};
  for (const auto slot : kSlots) {
    const auto text = trim(form.string(slot).value_or(""));
    if (text.empty()) continue;
    if (auto id = parseYubiKeyId(text)) {
      wanted.keys.push_back({form.pathOf(slot), std::move(*id), std::nullopt});
    } else if (auto otp = parseYubiKeyOtp(text)) {
      wanted.keys.push_back({form.pathOf(slot), yubiKeyId(*otp), std::move(otp)});
    } else {
      form.fail(slot, "This is not a code of a YubiKey.");
    }
  }
  if (wanted.keys.empty()) form.fail(kSlots[0], "At least one key is needed.");
  return wanted;
}

[[noreturn]] void refuse(const Session& session, const Shown& key, std::string_view reason) {
  log::error("vault", "a YubiKey was not set up", {{"user", session.userId}, {"reason", reason}});
  throw json::ModelError(key.slot, "This code of a YubiKey is not valid.");
}

// Outbound lane.
void validate(const VaultContext& context, const Session& session, const Shown& key) {
  const auto check = validateYubiKeyOtp(context.outbound, context.options.yubico, *key.otp);
  if (check.verdict == OtpVerdict::Wrong) refuse(session, key, check.reason);
  if (check.verdict == OtpVerdict::Right) return;
  log::error("vault", kNoYubiKeyAnswer, {{"user", session.userId}, {"reason", check.reason}});
  throw BadRequest(kNoYubiKeyAnswer);
}

// A key stays only where it has been proven; two slots may hold the same.
YubiKeys enable(const VaultContext& context, storage::Transaction& tx, const Session& session,
                const Wanted& wanted) {
  const UnixMicros now = context.clock.now();
  const YubiKeys before = findYubiKeys(tx, session.userId).value_or(YubiKeys{});
  const auto has = [](const YubiKeys& keys, const std::string& id) {
    return std::find(keys.ids.begin(), keys.ids.end(), id) != keys.ids.end();
  };
  YubiKeys after{{}, wanted.nfc};
  for (const auto& key : wanted.keys) {
    if (key.otp && !spendYubiKeyOtp(tx, *key.otp, now)) {
      refuse(session, key, "the code was used before");
    }
    if (!key.otp && !has(before, key.id)) refuse(session, key, "the key was not set up before");
    if (!has(after, key.id)) after.ids.push_back(key.id);
  }
  storage::TwoFactorStore(tx).put({.userId = session.userId,
                                   .type = kType,
                                   .enabled = true,
                                   .data = renderYubiKeys(after),
                                   .lastUsed = 0,
                                   .createdAt = now,
                                   .revisedAt = now});
  factorEnabled(tx, session.userId, now);
  return after;
}

Response putYubiKey(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  if (!YubiKeyFactor(context).isUsable()) {
    throw BadRequest("YubiKeys cannot be used: this server has no validation service.");
  }
  auto wanted = readForm(form);
  requireSetUpProof(context, request.attached<Session>(), form, Provider::YubiKey);

  return Response::onLane(Lane::Outbound, [&context, wanted = std::move(wanted)](Request& same) {
    const auto& session = same.attached<Session>();
    for (const auto& key : wanted.keys) {
      if (key.otp) validate(context, session, key);
    }
    const auto keys = context.database.write([&](storage::Transaction& tx) {
      requireOngoing(tx, session);
      return enable(context, tx, session, wanted);
    });
    return answer("twoFactorYubiKeyUpdate", keys);
  });
}

Response deleteYubiKey(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSetUpProof(context, session, document.object(), Provider::YubiKey);
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    YubiKeyFactor(context).remove(tx, session.userId);
    factorDisabled(tx, session.userId, context.clock.now());
  });
  return disabledAnswer(kType);
}

}  // namespace

std::vector<http::Route> yubikeyRoutes(const VaultContext& c) {
  const auto row = [&](Method method, const char* pattern,
                       Response (*handler)(const VaultContext&, Request&)) {
    return http::Route(method, pattern, c.session, kSmallBody, Lane::Hash, with(c, handler));
  };
  return {
      row(Method::Post, "/api/two-factor/get-yubikey", getYubiKey),
      row(Method::Put, "/api/two-factor/yubikey", putYubiKey),
      row(Method::Post, "/api/two-factor/yubikey", putYubiKey),
      row(Method::Delete, "/api/two-factor/yubikey", deleteYubiKey),
  };
}

}  // namespace coffer::vault
