// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/two_factor/duo_client.h"
#include "services/vault/two_factor/duo_factor.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "storage/database/database.h"
#include "storage/stores/two_factor_store.h"

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr int kType = static_cast<int>(Provider::Duo);

// Stands in the fields of the form where the box has an application: the web vault does not send
// them empty.
constexpr std::string_view kUntouched = "Leave this as it is to use the server's own application.";

// Enough to tell one from another.
std::string masked(std::string_view text) {
  constexpr std::size_t shown = 4;
  constexpr std::size_t hidden = 12;
  return std::string(text.substr(0, shown)) + std::string(hidden, '*');
}

struct Fields {
  std::optional<std::string> host;
  std::optional<std::string> clientId;
  std::optional<std::string> clientSecret;
};

// The box's application is not an account's to know.
Fields fieldsOf(const DuoApplication& application) {
  const auto own = [&](const std::string& text) {
    return application.isTheBoxes ? masked(text) : text;
  };
  return {own(application.host), own(application.clientId),
          masked(application.clientSecret.reveal())};
}

Fields fieldsOfNone(const VaultContext& context) {
  if (!boxDuoApplication(context.options.duo)) return {};
  const std::string untouched(kUntouched);
  return {untouched, untouched, untouched};
}

Response answer(std::string_view object, bool enabled, const Fields& fields,
                std::string_view token = {}) {
  return setUpAnswer({"duo", object}, token, [&](json::Writer& writer) {
    writer.field("enabled", enabled)
        .field("host", fields.host)
        .field("clientId", fields.clientId)
        .field("clientSecret", fields.clientSecret);
  });
}

Response getDuo(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecretKeeping(context, session, document.object());
  const auto application = context.database.read([&](storage::Transaction& tx) {
    return findDuoApplication(tx, session.userId, context.options.duo);
  });
  return answer("twoFactorDuo", application.has_value(),
                application ? fieldsOf(*application) : fieldsOfNone(context),
                issueSetUpToken(context, session, Provider::Duo));
}

// `name`, or what clients before 2024 call it; "" when it is left to the box.
std::string readField(const json::Object& form, std::string_view name, std::string_view oldName) {
  auto text = trim(form.string(name).value_or(""));
  if (text.empty() && !oldName.empty()) text = trim(form.string(oldName).value_or(""));
  return text == kUntouched ? std::string() : std::string(text);
}

DuoApplication readForm(const VaultContext& context, const json::Object& form) {
  DuoApplication application{toLowerAscii(readField(form, "host", "")),
                             readField(form, "clientId", "integrationKey"),
                             Secret(readField(form, "clientSecret", "secretKey"))};
  if (application.host.empty() && application.clientId.empty() &&
      application.clientSecret.empty()) {
    if (auto box = boxDuoApplication(context.options.duo)) return std::move(*box);
  }
  if (!isDuoHost(application.host)) form.fail("host", "This is not a host of Duo's.");
  if (!isDuoClientId(application.clientId)) {
    form.fail("clientId", "The client id has 20 letters and digits.");
  }
  if (!isDuoClientSecret(application.clientSecret.reveal())) {
    form.fail("clientSecret", "The client secret has 40 letters and digits.");
  }
  return application;
}

// Outbound lane.
void requireKnownToDuo(const VaultContext& context, const Session& session,
                       const DuoApplication& application) {
  try {
    DuoClient(context.outbound, application, context.clock.now()).checkHealth();
  } catch (const DuoTrouble& trouble) {
    log::error("vault", "Duo was not set up",
               {{"user", session.userId}, {"reason", trouble.what()}});
    throw BadRequest(trouble.kind() == DuoTrouble::Kind::Refused
                         ? "Duo does not know this client id with this secret."
                         : kNoDuoAnswer);
  }
}

void enable(const VaultContext& context, storage::Transaction& tx, const std::string& userId,
            const DuoApplication& application) {
  const UnixMicros now = context.clock.now();
  DuoFactor(context).remove(tx, userId);  // With the logins that wait for the old application.
  storage::TwoFactorStore(tx).put({.userId = userId,
                                   .type = kType,
                                   .enabled = true,
                                   .data = renderDuoApplication(application),
                                   .lastUsed = 0,
                                   .createdAt = now,
                                   .revisedAt = now});
  factorEnabled(tx, userId, now);
}

Response putDuo(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  auto application = readForm(context, form);
  requireSetUpProof(context, request.attached<Session>(), form, Provider::Duo);

  return Response::onLane(Lane::Outbound,
                          [&context, application = std::move(application)](Request& same) {
                            const auto& session = same.attached<Session>();
                            requireKnownToDuo(context, session, application);
                            context.database.write([&](storage::Transaction& tx) {
                              requireOngoing(tx, session);
                              enable(context, tx, session.userId, application);
                            });
                            return answer("twoFactorDuoUpdate", true, fieldsOf(application));
                          });
}

Response deleteDuo(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSetUpProof(context, session, document.object(), Provider::Duo);
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    DuoFactor(context).remove(tx, session.userId);
    factorDisabled(tx, session.userId, context.clock.now());
  });
  return disabledAnswer(kType);
}

}  // namespace

std::vector<http::Route> duoRoutes(const VaultContext& c) {
  const auto row = [&](Method method, const char* pattern,
                       Response (*handler)(const VaultContext&, Request&)) {
    return http::Route(method, pattern, c.session, kSmallBody, Lane::Hash, with(c, handler));
  };
  return {
      row(Method::Post, "/api/two-factor/get-duo", getDuo),
      row(Method::Put, "/api/two-factor/duo", putDuo),
      row(Method::Post, "/api/two-factor/duo", putDuo),
      row(Method::Delete, "/api/two-factor/duo", deleteDuo),
  };
}

}  // namespace coffer::vault
