// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_factor.h"

#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/two_factor/duo_client.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/two_factor/unanswered.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/duo_login_store.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>
#include <array>

namespace coffer::vault {
namespace {

constexpr int kType = static_cast<int>(Provider::Duo);
constexpr std::size_t kStateLength = 64;
constexpr std::size_t kNonceLength = 64;
constexpr std::size_t kMaxCodeLength = 1'024;
constexpr std::int64_t kMaxLogins = 10;  // Of one account at a time.
// The pages that a client's web vault has for coming back; its own name says which.
constexpr std::array<std::string_view, 5> kClients = {"web", "browser", "desktop", "mobile", "cli"};

// The same when the login begins and when it comes back, since Duo compares them.
std::string redirectUri(const VaultContext& context, const FactorLogin& login) {
  const std::string& named = login.form.get("clientId");
  const auto client = std::find(kClients.begin(), kClients.end(), named);
  return baseUrl(context, login.request) + "/duo-redirect-connector.html?client=" +
         std::string(client == kClients.end() ? kClients.front() : *client);
}

std::optional<DuoApplication> applicationOf(const VaultContext& context, const std::string& user) {
  return context.database.read(
      [&](storage::Transaction& tx) { return findDuoApplication(tx, user, context.options.duo); });
}

bool isOnlyFactor(const VaultContext& context, const std::string& userId) {
  return context.database.read([&](storage::Transaction& tx) {
    return context.secondFactors.listEnabled(tx, userId).size() == 1;
  });
}

void logRefusal(const FactorLogin& login, std::string_view reason) {
  log::error("vault",
             "Duo login was refused. IP: " + login.request.clientAddress() +
                 ". Username: " + login.user.email + ".",
             {{"reason", reason}});
}

}  // namespace

bool DuoFactor::isUsableFor(storage::Transaction& tx, std::string_view userId) const {
  return findDuoApplication(tx, userId, context_.options.duo).has_value();
}

bool DuoFactor::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return storage::TwoFactorStore(tx).isEnabled(userId, kType);
}

// Remembers the login and returns where it goes on.
std::string DuoFactor::beginLogin(const FactorLogin& login,
                                  const DuoApplication& application) const {
  const UnixMicros now = context_.clock.now();
  const std::string state = randomAlphanumeric(kStateLength);
  const std::string nonce = randomAlphanumeric(kNonceLength);
  context_.database.write([&](storage::Transaction& tx) {
    storage::DuoLoginStore(tx).insert(
        {sha256(state), login.user.id, nonce, now + kDuoLoginLifetime}, kMaxLogins);
  });
  return DuoClient(context_.outbound, application, now)
      .promptUrl({login.user.email, redirectUri(context_, login), state,
                  duoNonce(nonce, login.device.identifier)});
}

void DuoFactor::writeChallenge(const FactorLogin& login, json::Writer& writer) const {
  const auto application = applicationOf(context_, login.user.id);
  std::optional<std::string> address;
  if (application) {
    try {
      DuoClient(context_.outbound, *application, context_.clock.now()).checkHealth();
      address = beginLogin(login, *application);
    } catch (const DuoTrouble& trouble) {
      if (isOnlyFactor(context_, login.user.id)) {
        refuseUnanswered(context_, login, kNoDuoAnswer, trouble.what());
      }
      log::error("vault", kNoDuoAnswer, {{"email", login.user.email}, {"reason", trouble.what()}});
    }
  }
  writer.beginObject()
      .field("AuthUrl", address)
      .field("Host", application ? application->host : std::string())
      .endObject();
}

bool DuoFactor::verify(const FactorLogin& login, std::string_view token) const {
  const auto bar = token.rfind('|');
  const auto code = token.substr(0, std::min(bar, token.size()));
  const auto state = bar == std::string_view::npos ? "" : token.substr(bar + 1);
  if (code.empty() || code.size() > kMaxCodeLength || state.size() != kStateLength) {
    logRefusal(login, "not a code and a state");
    return false;
  }
  const UnixMicros now = context_.clock.now();
  const auto nonce = context_.database.write([&](storage::Transaction& tx) {
    return storage::DuoLoginStore(tx).take(sha256(state), login.user.id, now);
  });
  const auto application = applicationOf(context_, login.user.id);
  if (!nonce || !application) {
    logRefusal(login, "no login waits for this state");
    return false;
  }
  try {
    DuoClient(context_.outbound, *application, now)
        .redeem(std::string(code), {login.user.email, redirectUri(context_, login),
                                    std::string(state), duoNonce(*nonce, login.device.identifier)});
    return true;
  } catch (const DuoTrouble& trouble) {
    if (trouble.kind() == DuoTrouble::Kind::NoAnswer) {
      refuseUnanswered(context_, login, kNoDuoAnswer, trouble.what());
    }
    logRefusal(login, trouble.what());
    return false;
  }
}

void DuoFactor::remove(storage::Transaction& tx, std::string_view userId) const {
  (void)storage::TwoFactorStore(tx).remove(userId, kType);
  storage::DuoLoginStore(tx).removeAll(userId);
}

}  // namespace coffer::vault
