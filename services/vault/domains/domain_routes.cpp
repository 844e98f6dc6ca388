// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/domains/domain_routes.h"

#include "services/vault/accounts/account_access.h"
#include "services/vault/domains/domain_json.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

Response answerDomains(const storage::User& user) {
  return jsonAnswer(
      [&](json::Writer& writer) { writeDomains(writer, user, ExcludedGroups::Marked); });
}

Response getDomains(const VaultContext& context, Request& request) {
  return answerDomains(loadUser(context, request.attached<Session>()));
}

// The form's list of lists of texts as the JSON that is stored and sent; "[]" when absent.
std::string readGroups(const json::Object& form) {
  std::string text;
  json::Writer writer(text);
  writer.beginArray();
  if (const auto groups = form.array("equivalentDomains")) {
    for (std::size_t i = 0; i < groups->size(); ++i) {
      const auto group = groups->array(i);
      writer.beginArray();
      for (std::size_t j = 0; j < group.size(); ++j) writer.value(group.string(j));
      writer.endArray();
    }
  }
  writer.endArray();
  return text;
}

std::string readExcluded(const json::Object& form) {
  std::string text;
  json::Writer writer(text);
  writer.beginArray();
  if (const auto numbers = form.array("excludedGlobalEquivalentDomains")) {
    for (std::size_t i = 0; i < numbers->size(); ++i) writer.value(numbers->integer(i));
  }
  writer.endArray();
  return text;
}

// What is absent is emptied: the request replaces everything.
Response putDomains(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto groups = readGroups(document.object());
  const auto excluded = readExcluded(document.object());
  const auto user =
      changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction&) {
        return users.setDomains(session.userId, groups, excluded, context.clock.now());
      });
  Update update;
  update.type = UpdateType::Settings;
  update.userId = session.userId;
  update.actingDevice = session.deviceIdentifier;
  update.date = user.revisedAt;
  context.notifier.notify(update);
  return answerDomains(user);
}

}  // namespace

std::vector<http::Route> domainRoutes(const VaultContext& c) {
  return {
      {Method::Get, "/api/settings/domains", c.session, kNoBody, Lane::Io, with(c, getDomains)},
      {Method::Put, "/api/settings/domains", c.session, kFormBody, Lane::Disk, with(c, putDomains)},
      {Method::Post, "/api/settings/domains", c.session, kFormBody, Lane::Disk,
       with(c, putDomains)},
  };
}

}  // namespace coffer::vault
