// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_routes.h"

#include "appliance/base/bytes.h"
#include "services/vault/emergency_access/emergency_contacts.h"
#include "services/vault/emergency_access/emergency_json.h"
#include "services/vault/emergency_access/emergency_recovery.h"
#include "services/vault/emergency_access/emergency_rules.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;
using storage::EmergencyAccessStore;

std::string idOf(const Request& request) { return toLowerAscii(request.param("id")); }

const Session& sessionOf(const Request& request) { return request.attached<Session>(); }

template <typename List>
Response listContacts(const VaultContext& context, OtherSide side, List&& list) {
  // What the user key is sealed for is listed all the same: clients could not change the key.
  if (!context.options.emergencyAccess && side == OtherSide::Grantor) return emptyList();
  const auto contacts = context.database.read([&](storage::Transaction& tx) {
    EmergencyAccessStore store(tx);
    return list(store);
  });
  return listAnswer(contacts,
                    [side](json::Writer& writer, const storage::EmergencyContact& contact) {
                      writeContact(writer, contact, side);
                    });
}

Response listTrusted(const VaultContext& context, Request& request) {
  return listContacts(context, OtherSide::Grantee, [&](EmergencyAccessStore& store) {
    return store.listByGrantor(sessionOf(request).userId);
  });
}

Response listGranted(const VaultContext& context, Request& request) {
  return listContacts(context, OtherSide::Grantor, [&](EmergencyAccessStore& store) {
    return store.listByGrantee(sessionOf(request).userId);
  });
}

Response get(const VaultContext& context, Request& request) {
  const auto contact = context.database.read([&](storage::Transaction& tx) {
    const auto access = asGrantor(tx, sessionOf(request), idOf(request));
    storage::EmergencyContact found{access, access.email, std::nullopt, std::nullopt};
    if (access.granteeId) {
      const auto grantee = person(tx, *access.granteeId);
      found.email = grantee.email;
      found.name = grantee.name;
      found.avatarColor = grantee.avatarColor;
    }
    return found;
  });
  return jsonAnswer(
      [&](json::Writer& writer) { writeContact(writer, contact, OtherSide::Grantee); });
}

// Policies of organizations that the grantor owns: there are none.
Response listPolicies(const VaultContext& context, Request& request) {
  context.database.read([&](storage::Transaction& tx) {
    return granted(tx, sessionOf(request), idOf(request), storage::EmergencyType::Takeover);
  });
  return emptyList();
}

Response invite(const VaultContext& context, Request& request) {
  inviteContact(context, request, json::Document::parse(request.body()).object());
  return done();
}

Response reinvite(const VaultContext& context, Request& request) {
  reinviteContact(context, request, idOf(request));
  return done();
}

Response accept(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  acceptInvitation(context, sessionOf(request), idOf(request),
                   document.object().requiredString("token"));
  return done();
}

Response confirm(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  confirmContact(context, sessionOf(request), idOf(request), document.object());
  return done();
}

Response update(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  updateContact(context, sessionOf(request), idOf(request), document.object());
  return done();
}

Response remove(const VaultContext& context, Request& request) {
  removeContact(context, sessionOf(request), idOf(request));
  return done();
}

template <storage::EmergencyAccess (*step)(const VaultContext&, const Session&, const std::string&)>
Response advance(const VaultContext& context, Request& request) {
  const auto access = step(context, sessionOf(request), idOf(request));
  return jsonAnswer([&](json::Writer& writer) { writeEmergencyAccess(writer, access); });
}

Response view(const VaultContext& context, Request& request) {
  return viewVault(context, request, idOf(request));
}

Response attachment(const VaultContext& context, Request& request) {
  return viewAttachment(context, request, idOf(request));
}

Response takeover(const VaultContext& context, Request& request) {
  return takeOver(context, sessionOf(request), idOf(request));
}

Response password(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  setGrantorPassword(context, sessionOf(request), idOf(request), document.object());
  return done();
}

}  // namespace

std::vector<http::Route> emergencyAccessRoutes(const VaultContext& c) {
  const http::Guard& guard = c.session;
  // Every route but the two lists says so where the feature is off.
  const auto when = [&c](Response (*handler)(const VaultContext&, Request&)) -> http::Handler {
    return [&c, handler](Request& request) {
      requireEmergencyAccess(c);
      return handler(c, request);
    };
  };
  const auto post = [&](const char* pattern, Response (*handler)(const VaultContext&, Request&),
                        Lane lane = Lane::Disk) {
    return http::Route(Method::Post, std::string("/api/emergency-access") + pattern, guard,
                       kSmallBody, lane, when(handler));
  };
  // The web vault asks for the contacts with the token from before a change of the user key.
  return {
      {Method::Get, "/api/emergency-access/trusted", c.sessionWithPreviousStamp, kNoBody, Lane::Io,
       with(c, listTrusted)},
      {Method::Get, "/api/emergency-access/granted", c.sessionWithPreviousStamp, kNoBody, Lane::Io,
       with(c, listGranted)},
      {Method::Get, "/api/emergency-access/{id}", guard, kNoBody, Lane::Io, when(get)},
      {Method::Get, "/api/emergency-access/{id}/policies", guard, kNoBody, Lane::Io,
       when(listPolicies)},
      {Method::Get, "/api/emergency-access/{id}/{cipherId}/attachment/{attachmentId}", guard,
       kNoBody, Lane::Io, when(attachment)},
      {Method::Put, "/api/emergency-access/{id}", guard, kSmallBody, Lane::Disk, when(update)},
      {Method::Delete, "/api/emergency-access/{id}", guard, kSmallBody, Lane::Disk, when(remove)},
      post("/invite", invite),
      post("/{id}", update),
      post("/{id}/delete", remove),
      post("/{id}/reinvite", reinvite),
      post("/{id}/accept", accept),
      post("/{id}/confirm", confirm),
      post("/{id}/initiate", advance<initiateRecovery>),
      post("/{id}/approve", advance<approveRecovery>),
      post("/{id}/reject", advance<rejectRecovery>),
      post("/{id}/view", view, Lane::Io),
      post("/{id}/takeover", takeover, Lane::Io),
      post("/{id}/password", password, Lane::Hash),
  };
}

}  // namespace coffer::vault
