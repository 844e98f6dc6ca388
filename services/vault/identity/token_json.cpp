// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_json.h"

#include "services/vault/accounts/email_verification.h"
#include "services/vault/accounts/profile_json.h"
#include "services/vault/identity/access_token.h"
#include "services/vault/passkeys/passkey_json.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void writeBearer(json::Writer& writer, const VaultContext& context, const http::Request& request,
                 const AccessToken& token) {
  writer
      .field("access_token",
             signAccessToken(context.tokens, token, baseUrl(context, request), context.clock.now()))
      .field("expires_in", kAccessTokenLifetime / kSecond)
      .field("token_type", "Bearer")
      .field("scope", joined(token.scope));
}

void writeUnlock(json::Writer& writer, const storage::User& user) {
  writer.beginObject()
      .key("Kdf")
      .beginObject()
      .field("KdfType", user.kdf.type)
      .field("Iterations", user.kdf.iterations)
      .field("Memory", user.kdf.memory)
      .field("Parallelism", user.kdf.parallelism)
      .endObject()
      .field("MasterKeyEncryptedUserKey", user.userKey)
      .field("MasterKeyWrappedUserKey", user.userKey)
      .field("Salt", user.email)
      .endObject();
}

void writeKeys(json::Writer& writer, const Login& login) {
  const storage::User& user = login.user;
  writer.field("Key", user.userKey)
      .field("PrivateKey", user.keys.privateKey)
      .field("Kdf", user.kdf.type)
      .field("KdfIterations", user.kdf.iterations)
      .field("KdfMemory", user.kdf.memory)
      .field("KdfParallelism", user.kdf.parallelism)
      .field("ResetMasterPassword", false)
      .field("ForcePasswordReset", user.forcePasswordReset)
      .rawField("MasterPasswordPolicy", R"({"Object":"masterPasswordPolicy"})")
      .key("AccountKeys");
  writeAccountKeys(writer, user);
  writer.key("UserDecryptionOptions")
      .beginObject()
      .field("HasMasterPassword", true)
      .key("MasterPasswordUnlock");
  writeUnlock(writer, user);
  if (login.passkey && login.passkey->isPrfEnabled()) {
    writer.key("WebAuthnPrfOption");
    writePrfOption(writer, *login.passkey);
  }
  writer.field("Object", "userDecryptionOptions").endObject();
}

AccessToken accessToken(const VaultContext& context, const storage::User& user,
                        const std::string& deviceIdentifier, int deviceType,
                        const std::string& clientId, std::vector<std::string> scope) {
  AccessToken token;
  token.userId = user.id;
  token.email = user.email;
  token.isEmailVerified = countsAsVerified(context, user);
  token.name = user.name;
  token.securityStamp = user.securityStamp;
  token.deviceIdentifier = deviceIdentifier;
  token.deviceType = deviceType;
  token.clientId = clientId;
  token.scope = std::move(scope);
  return token;
}

}  // namespace

http::Response answerLogin(const VaultContext& context, const http::Request& request,
                           const Login& login, const std::string& clientId) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    writeBearer(writer, context, request,
                accessToken(context, login.user, login.device.identifier, login.device.type,
                            clientId, login.scope));
    if (login.refreshToken) writer.field("refresh_token", *login.refreshToken);
    writeKeys(writer, login);
    if (login.rememberToken) writer.field("TwoFactorToken", *login.rememberToken);
    writer.endObject();
  });
}

http::Response answerRefresh(const VaultContext& context, const http::Request& request,
                             const Refresh& refresh, const TokenForm& form) {
  const std::string& sent = form.get("clientId");
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    writeBearer(writer, context, request,
                accessToken(context, refresh.user, refresh.device.identifier, refresh.device.type,
                            sent.empty() ? "undefined" : sent, {"api", "offline_access"}));
    writer.field("refresh_token", form.get("refreshToken")).endObject();
  });
}

}  // namespace coffer::vault
