// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/two_factor_routes.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/respond.h"
#include "services/vault/two_factor/anonymous_proof.h"
#include "services/vault/two_factor/recovery_code.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "storage/database/database.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>
#include <iterator>

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr int kLastProvider = static_cast<int>(Provider::RecoveryCode);

Response listFactors(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto enabled = context.database.read([&](storage::Transaction& tx) {
    return context.secondFactors.listEnabled(tx, session.userId);
  });
  return listAnswer(enabled, [](json::Writer& writer, const SecondFactor* factor) {
    writer.beginObject()
        .field("enabled", true)
        .field("type", static_cast<int>(factor->provider()))
        .field("object", "twoFactorProvider")
        .endObject();
  });
}

Response getRecoveryCode(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, request.attached<Session>(), document.object());
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("code", user.recoveryCode)
        .field("object", "twoFactorRecover")
        .endObject();
  });
}

void removeFactor(const VaultContext& context, storage::Transaction& tx, std::string_view userId,
                  int type) {
  const auto all = context.secondFactors.all();
  const auto kind = std::find_if(all.begin(), all.end(), [&](const auto& factor) {
    return static_cast<int>(factor->provider()) == type;
  });
  if (kind != all.end()) {
    (*kind)->remove(tx, userId);
  } else {
    (void)storage::TwoFactorStore(tx).remove(userId, type);
  }
  factorDisabled(tx, userId, context.clock.now());
}

Response disableFactor(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto type = form.requiredInteger("type");
  if (type < 0 || type > kLastProvider) form.fail("type", "The provider is unknown.");
  const int number = static_cast<int>(type);
  requireSetUpProof(context, session, form, static_cast<Provider>(number));
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    removeFactor(context, tx, session.userId, number);
  });
  return disabledAnswer(number);
}

// Old web vaults, which do not log in with the recovery code.
Response recover(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto shown = form.requiredString("recoveryCode");
  const auto attempt = requirePasswordOf(context, request, form);
  const storage::User& user = *attempt.user;

  context.throttle.chargeFactor(user.id, "");
  if (!redeemRecoveryCode(context, user, shown, request.clientAddress())) {
    log::error("vault",
               "Recovery code is incorrect. Try again. IP: " + request.clientAddress() + ".");
    throw BadRequest("Recovery code is incorrect. Try again.");
  }
  context.throttle.refundFactor(user.id, "");
  log::warning("vault", "every second factor removed with the recovery code",
               {{"email", user.email}, {"ip", request.clientAddress()}});
  return done();
}

// Settings pages of old clients do not open without it. It says nothing that a client acts on.
Response getDeviceVerification(const VaultContext&, Request&) {
  return jsonAnswer([](json::Writer& writer) {
    writer.beginObject()
        .field("isDeviceVerificationSectionEnabled", false)
        .field("unknownDeviceVerificationEnabled", false)
        .field("object", "deviceVerificationSettings")
        .endObject();
  });
}

// `verifyDevices` of the account is what counts, and has a route of its own.
Response putDeviceVerification(const VaultContext& context, Request& request) {
  (void)json::Document::parse(request.body()).object();
  return getDeviceVerification(context, request);
}

std::vector<http::Route> sharedRoutes(const VaultContext& c) {
  const http::Guard& session = c.session;
  const auto disable = [&](Method method) {
    return http::Route(method, "/api/two-factor/disable", session, kSmallBody, Lane::Hash,
                       with(c, disableFactor));
  };
  return {
      {Method::Get, "/api/two-factor", session, kNoBody, Lane::Io, with(c, listFactors)},
      {Method::Post, "/api/two-factor/get-recover", session, kSmallBody, Lane::Hash,
       with(c, getRecoveryCode)},
      disable(Method::Put),
      disable(Method::Post),
      {Method::Post, "/api/two-factor/recover", http::anyone(), kSmallBody, Lane::Hash,
       with(c, recover)},
      {Method::Get, "/api/two-factor/get-device-verification-settings", session, kNoBody, Lane::Io,
       with(c, getDeviceVerification)},
      {Method::Put, "/api/two-factor/device-verification-settings", session, kSmallBody, Lane::Io,
       with(c, putDeviceVerification)},
  };
}

}  // namespace

std::vector<http::Route> twoFactorRoutes(const VaultContext& context) {
  auto all = sharedRoutes(context);
  for (auto part : {authenticatorRoutes(context), emailFactorRoutes(context)}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace coffer::vault
