// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_routes.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/accounts/profile_json.h"
#include "services/vault/respond.h"
#include "storage/stores/emergency_access_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

Response answerProfile(const VaultContext& context, const storage::User& user) {
  const auto facts = context.database.read(
      [&](storage::Transaction& tx) { return readProfileFacts(context, tx, user); });
  return jsonAnswer([&](json::Writer& writer) { writeProfile(writer, user, facts); });
}

Response getProfile(const VaultContext& context, Request& request) {
  return answerProfile(context, loadUser(context, request.attached<Session>()));
}

Response putProfile(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto name = readText(form, "name", kMaxNameLength);
  if (!form.has("name")) return getProfile(context, request);
  return answerProfile(
      context,
      changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction&) {
        return users.setName(session.userId, name, context.clock.now());
      }));
}

bool isHtmlColor(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

Response putAvatar(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto color = document.object().string("avatarColor");
  if (color && !isHtmlColor(*color)) {
    throw BadRequest(
        "The field AvatarColor must be a HTML/Hex color code with a length of 7 characters");
  }
  const auto user =
      changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction&) {
        return users.setAvatarColor(session.userId, color, context.clock.now());
      });
  tellOfSettings(context, user, session.deviceIdentifier);
  return answerProfile(context, user);
}

// A bare number of milliseconds. Rounded down it would be earlier than the sync it announces, and
// rounded up later than now: the first is what clients expect.
Response getRevisionDate(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto revised = context.database.read([&](storage::Transaction& tx) {
    return storage::UserStore(tx).revisionDate(session.userId);
  });
  if (!revised) throw Unauthorized("Unauthorized.", "the account is gone");
  return Response::json(std::to_string(*revised / 1000));
}

Response answerKeys(const storage::User& user) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("key", user.userKey)
        .field("publicKey", user.keys.publicKey)
        .field("privateKey", user.keys.privateKey)
        .key("accountKeys");
    writeAccountKeys(writer, user);
    writer.field("object", "keys").endObject();
  });
}

Response getKeys(const VaultContext& context, Request& request) {
  return answerKeys(loadUser(context, request.attached<Session>()));
}

Response postKeys(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto keys = readKeyPair(form);
  if (!keys) form.fail("publicKey", "The PublicKey field is required.");
  const auto keyId = readKeyId(form, "userKeyId");
  const UnixMicros now = context.clock.now();
  return answerKeys(
      changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction& tx) {
        requireOngoing(tx, session);
        const auto user = users.findById(session.userId);
        if (user && (user->keys.publicKey || user->keys.privateKey)) {
          throw BadRequest("User has existing keypair");
        }
        return users.setKeys(session.userId, *keys, now) &&
               (!keyId || users.setUserKeyId(session.userId, *keyId, now));
      }));
}

// Somebody's user key is sealed for the account's public key.
bool holdsSealedKeys(storage::Transaction& tx, const std::string& userId) {
  const auto grants = storage::EmergencyAccessStore(tx).listByGrantee(userId);
  return std::any_of(grants.begin(), grants.end(),
                     [](const auto& grant) { return grant.access.keyEncrypted.has_value(); });
}

// Replaces a pair that a client found broken; refused where others sealed something for the old
// one, which nobody could open any more.
Response regenerateKeys(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  storage::AccountKeys keys;
  keys.publicKey = form.requiredString("userPublicKey");
  if (!isBase64(*keys.publicKey)) form.fail("userPublicKey", "The key is not valid base64.");
  keys.privateKey = readSealed(form, "userKeyEncryptedUserPrivateKey");
  const auto user =
      changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction& tx) {
        requireOngoing(tx, session);
        if (holdsSealedKeys(tx, session.userId)) {
          throw BadRequest("The key pair of an emergency contact cannot be replaced.");
        }
        return users.setKeys(session.userId, keys, context.clock.now());
      });
  tellOfSettings(context, user, session.deviceIdentifier);
  return done();
}

// Clients send the id of their user key until a sync returns it; saying the same again is fine, and
// a client that knows better replaces it (vault-core 4.5).
Response postUserKeyId(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  form.requiredString("userKeyId");
  const auto keyId = readKeyId(form, "userKeyId");
  changeUser(context, session.userId, [&](storage::UserStore& users, storage::Transaction&) {
    const auto user = users.findById(session.userId);
    return user && (user->userKeyId == keyId ||
                    users.setUserKeyId(session.userId, *keyId, context.clock.now()));
  });
  return done();
}

std::optional<storage::User> findOther(const VaultContext& context, const Request& request) {
  const auto id = toLowerAscii(request.param("id"));
  if (!json::isUuid(id)) return std::nullopt;
  return context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findById(id); });
}

Response getPublicKey(const VaultContext& context, Request& request) {
  const auto user = findOther(context, request);
  if (!user || !user->keys.publicKey) throw NotFound("Resource not found.");
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("userId", user->id)
        .field("publicKey", user->keys.publicKey)
        .field("object", "userKey")
        .endObject();
  });
}

Response getPublicKeys(const VaultContext& context, Request& request) {
  const auto user = findOther(context, request);
  if (!user || !user->keys.publicKey) throw NotFound("Resource not found.");
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("publicKey", user->keys.publicKey)
        .field("signedPublicKey", user->keys.signedPublicKey)
        .field("verifyingKey", user->keys.verifyingKey)
        .field("object", "publicKeys")
        .endObject();
  });
}

Response listOrganizations(const VaultContext&, Request&) { return emptyList(); }

}  // namespace

std::vector<http::Route> profileRoutes(const VaultContext& c) {
  const http::Guard& session = c.session;
  const http::Guard& tolerant = c.sessionWithPreviousStamp;
  const auto get = [&](const char* pattern, http::Handler handler) {
    return http::Route(Method::Get, pattern, session, kNoBody, Lane::Io, std::move(handler));
  };
  const auto write = [&](Method method, const char* pattern, http::Handler handler) {
    return http::Route(method, pattern, session, kSmallBody, Lane::Disk, std::move(handler));
  };
  return {
      get("/api/accounts/profile", with(c, getProfile)),
      write(Method::Put, "/api/accounts/profile", with(c, putProfile)),
      write(Method::Post, "/api/accounts/profile", with(c, putProfile)),
      write(Method::Put, "/api/accounts/avatar", with(c, putAvatar)),
      write(Method::Post, "/api/accounts/avatar", with(c, putAvatar)),
      {Method::Get, "/api/accounts/revision-date", tolerant, kNoBody, Lane::Io,
       with(c, getRevisionDate)},
      get("/api/accounts/organizations", with(c, listOrganizations)),
      get("/api/accounts/keys", with(c, getKeys)),
      write(Method::Post, "/api/accounts/keys", with(c, postKeys)),
      write(Method::Post, "/api/accounts/key-management/user-key-id", with(c, postUserKeyId)),
      write(Method::Post, "/api/accounts/key-management/regenerate-keys", with(c, regenerateKeys)),
      {Method::Get, "/api/users/{id}/public-key", tolerant, kNoBody, Lane::Io,
       with(c, getPublicKey)},
      get("/api/users/{id}/keys", with(c, getPublicKeys)),
  };
}

}  // namespace coffer::vault
