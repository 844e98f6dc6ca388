// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_access_grant.h"

#include "appliance/base/digest.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/email.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"
#include "services/vault/sends/send_access.h"
#include "services/vault/sends/send_codes.h"
#include "services/vault/sends/send_id.h"

#include <string>
#include <string_view>

namespace coffer::vault {
namespace {

using storage::Send;
using storage::SendAuth;

constexpr std::string_view kScope = "api.send.access";

// `type` is one of the six values clients know; anything else is a general error to them.
[[noreturn]] void refuse(const char* error, const std::string& type, const std::string& text) {
  throw IdentityError(error, text, text, "\"send_access_error_type\":\"" + type + "\"");
}

[[noreturn]] void askFor(const std::string& type, const std::string& text) {
  refuse("invalid_request", type, text);
}

[[noreturn]] void refuseId() { refuse("invalid_grant", "send_id_invalid", "send_id is invalid."); }

const std::string& requirePassword(const TokenForm& form) {
  const std::string& password = form.get("passwordHashB64");
  if (password.empty()) askFor("password_hash_b64_required", "password_hash_b64 is required.");
  return password;
}

[[noreturn]] void refusePassword() {
  refuse("invalid_grant", "password_hash_b64_invalid", "password_hash_b64 is invalid.");
}

std::string requireEmail(const TokenForm& form) {
  const auto email = parseEmail(form.get("email"));
  if (!email) askFor("email_required", "email is required.");
  return *email;
}

// The same whether a code was mailed, was wrong, or the address is not listed.
[[noreturn]] void askForCode() { askFor("email_and_otp_required", "email and otp are required."); }

void checkPassword(const VaultContext& context, const http::Request& request, const TokenForm& form,
                   const Send& send) {
  const std::string& password = requirePassword(form);
  if (!isRightPassword(context, send, password, request.clientAddress())) refusePassword();
}

void checkCode(const VaultContext& context, const http::Request& request, const TokenForm& form,
               const Send& send) {
  const std::string email = requireEmail(form);
  const std::string& code = form.get("otp");
  if (code.empty()) {
    context.throttle.chargeSend(send.id, email);
    mailSendCode(context, send, email);
    askForCode();
  }
  context.throttle.chargeSend(send.id, request.clientAddress());
  if (!redeemSendCode(context, send, email, code)) askForCode();
  context.throttle.refundSend(send.id, request.clientAddress());
}

// Asks for what would be asked for if there were such a Send, and takes nothing as right. The same
// for the same id every time.
[[noreturn]] void refuseUnknown(const VaultContext& context, const http::Request& request,
                                const TokenForm& form, const std::string& id) {
  enum class Decoy { Invalid, Password, Email };
  const std::string digest = hmacSha256(context.tokens.decoyKey(), "send:" + id);
  // Without mail no Send can ask for an address.
  const unsigned choices = context.mailer.isEnabled() ? 3 : 2;
  switch (static_cast<Decoy>(static_cast<unsigned char>(digest.front()) % choices)) {
    case Decoy::Password: {
      const std::string& password = requirePassword(form);
      checkDecoyPassword(context, id, password, request.clientAddress());
      refusePassword();
    }
    case Decoy::Email: {
      const std::string email = requireEmail(form);
      const bool asks = form.get("otp").empty();
      context.throttle.chargeSend(id, asks ? email : request.clientAddress());
      asks ? feignMailingCode(context, email) : feignRedeemingCode(context);
      askForCode();
    }
    case Decoy::Invalid:
      break;
  }
  refuseId();
}

void requireClient(const TokenForm& form) {
  if (form.get("clientId") != "send")
    throw IdentityError("invalid_client", "invalid_client", "Invalid client.");
  if (form.get("scope") != kScope)
    throw IdentityError("invalid_scope", "invalid_scope", "Invalid scope.");
}

}  // namespace

http::Response grantSendAccess(const VaultContext& context, const http::Request& request,
                               const TokenForm& form) {
  requireClient(form);
  if (form.get("sendId").empty()) askFor("send_id_required", "send_id is required.");
  const auto id = parseSendId(form.get("sendId"));
  if (!id) refuseId();
  const auto shared = loadShared(context, *id);
  if (!shared) refuseUnknown(context, request, form, *id);
  const UnixMicros now = context.clock.now();
  if (!isReadable(*shared, now)) refuseId();

  const Send& send = shared->send;
  if (send.auth == SendAuth::Password) checkPassword(context, request, form, send);
  if (send.auth == SendAuth::Email) checkCode(context, request, form, send);

  const auto token = signSendToken(context.tokens, {send.id, sendProof(context, send)},
                                   baseUrl(context, request), context.clock.now());
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject().field("access_token", token);
    writer.field("expires_in", kSendTokenLifetime / kSecond).field("token_type", "Bearer");
    writer.field("scope", kScope).endObject();
  });
}

}  // namespace coffer::vault
