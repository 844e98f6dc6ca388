// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_contacts.h"

#include "appliance/base/bytes.h"
#include "appliance/base/random.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/emergency_access/emergency_rules.h"
#include "services/vault/emergency_access/invite_token.h"
#include "services/vault/mail/links.h"
#include "storage/database/database.h"
#include "storage/stores/invitation_store.h"

#include <nlohmann/json.hpp>

namespace coffer::vault {
namespace {

using storage::EmergencyAccess;
using storage::EmergencyAccessStore;
using storage::EmergencyStatus;
using storage::EmergencyType;

// Entries of one grantor; clients show them all on one page.
constexpr std::size_t kMaxContacts = 100;

// A number, or the names that some tools send.
EmergencyType readType(const json::Object& form) {
  const auto* value = form.find("type");
  if (value != nullptr && value->is_string()) {
    const std::string word = toLowerAscii(value->get<std::string>());
    if (word == "view") return EmergencyType::View;
    if (word == "takeover") return EmergencyType::Takeover;
  }
  const auto number = form.requiredInteger("type");
  if (number != 0 && number != 1) form.fail("type", "This type of emergency access is not known.");
  return static_cast<EmergencyType>(number);
}

std::int64_t readWait(const json::Object& form) {
  const auto days = form.requiredInteger("waitTimeDays");
  if (days < 1 || days > kMaxWaitDays) {
    form.fail("waitTimeDays", "The wait time must be from 1 to 32767 days.");
  }
  return days;
}

std::optional<RenderedMail> invitationMail(const VaultContext& context, const std::string& base,
                                           const storage::User& grantor,
                                           const EmergencyAccess& access) {
  if (!context.mailer.isEnabled()) return std::nullopt;
  const EmergencyInvite invite{access.id, *access.email, shownName(grantor), grantor.email};
  const UnixMicros lifetime = std::chrono::microseconds(context.options.invitationLifetime).count();
  const std::string token =
      signEmergencyInvite(context.tokens, invite, base, context.clock.now(), lifetime);
  return context.mailer.render(
      {MailKind::EmergencyInvite,
       *access.email,
       {{"grantor_name", shownName(grantor)},
        {"link", acceptEmergencyLink(base, access.id, shownName(grantor), *access.email, token)}}});
}

// Mails cannot be called back.
void chargeInvitation(const VaultContext& context, const http::Request& request) {
  if (context.mailer.isEnabled()) context.throttle.chargeAnonymous(request.clientAddress());
}

void enqueueIfAny(const VaultContext& context, storage::Transaction& tx,
                  const std::optional<RenderedMail>& mail) {
  if (mail) context.mailer.enqueue(tx, *mail);
}

// Without mail nobody could show the token: who has an account has accepted, who has none may make
// one.
void inviteWithoutMail(const VaultContext& context, storage::Transaction& tx,
                       const storage::User& grantor, const EmergencyAccess& access,
                       UnixMicros now) {
  if (context.mailer.isEnabled()) return;
  const auto grantee = storage::UserStore(tx).findByEmail(*access.email);
  if (grantee && !grantee->password.hash.empty()) {
    (void)EmergencyAccessStore(tx).accept(access.id, grantee->id, now);
  } else {
    storage::InvitationStore(tx).add(*access.email, grantor.id, now);
  }
}

storage::User grantorOf(const VaultContext& context, const Session& session) {
  return context.database.read(
      [&](storage::Transaction& tx) { return person(tx, session.userId); });
}

}  // namespace

void inviteContact(const VaultContext& context, const http::Request& request,
                   const json::Object& form) {
  const auto& session = request.attached<Session>();
  const auto email = parseEmail(form.requiredString("email"));
  if (!email) form.fail("email", "The Email field is not a valid e-mail address.");
  if (*email == session.email) {
    throw BadRequest("You cannot be an emergency contact of your own.");
  }
  EmergencyAccess access;
  access.id = randomUuid();
  access.grantorId = session.userId;
  access.email = *email;
  access.type = readType(form);
  access.waitTimeDays = readWait(form);
  chargeInvitation(context, request);
  const auto grantor = grantorOf(context, session);
  const auto mail = invitationMail(context, baseUrl(context, request), grantor, access);
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    access.createdAt = context.clock.now();
    EmergencyAccessStore store(tx);
    if (store.isContact(session.userId, *email)) {
      throw BadRequest("This person is an emergency contact already, or is invited.");
    }
    if (store.listByGrantor(session.userId).size() >= kMaxContacts) {
      throw BadRequest("There are too many emergency contacts.");
    }
    store.insert(access);
    inviteWithoutMail(context, tx, grantor, access, access.createdAt);
    enqueueIfAny(context, tx, mail);
  });
  if (mail) context.mailer.sendSoon();
}

void reinviteContact(const VaultContext& context, const http::Request& request,
                     const std::string& id) {
  const auto& session = request.attached<Session>();
  const auto access =
      context.database.read([&](storage::Transaction& tx) { return asGrantor(tx, session, id); });
  requireStep(access.status == EmergencyStatus::Invited && access.email.has_value());
  chargeInvitation(context, request);
  const auto grantor = grantorOf(context, session);
  const auto mail = invitationMail(context, baseUrl(context, request), grantor, access);
  context.database.write([&](storage::Transaction& tx) {
    requireStep(asGrantor(tx, session, id).status == EmergencyStatus::Invited);
    inviteWithoutMail(context, tx, grantor, access, context.clock.now());
    enqueueIfAny(context, tx, mail);
  });
  if (mail) context.mailer.sendSoon();
}

void acceptInvitation(const VaultContext& context, const Session& session, const std::string& id,
                      std::string_view token) {
  const auto invite = readEmergencyInvite(context.tokens, token, context.clock.now());
  if (!invite || invite->emergencyAccessId != id || invite->email != session.email) {
    throw BadRequest("The invitation is invalid or has expired.");
  }
  const auto mail = renderIfEnabled(context, {MailKind::EmergencyInviteAccepted,
                                              invite->grantorEmail,
                                              {{"grantee_email", session.email}}});
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    EmergencyAccessStore store(tx);
    const auto access = store.find(id);
    if (!access || access->email != session.email) throw NotFound("Resource not found.");
    // Whoever invited may have changed their address or name: then it is another person's word.
    const auto grantor = person(tx, access->grantorId);
    if (grantor.email != invite->grantorEmail || shownName(grantor) != invite->grantorName) {
      throw BadRequest("The invitation is invalid or has expired.");
    }
    const UnixMicros now = context.clock.now();
    requireStep(store.accept(id, session.userId, now));
    storage::InvitationStore(tx).remove(session.email);
    enqueueIfAny(context, tx, mail);
  });
  if (mail) context.mailer.sendSoon();
}

void confirmContact(const VaultContext& context, const Session& session, const std::string& id,
                    const json::Object& form) {
  const std::string key = readSealed(form, "key");
  const auto [access, grantor, grantee] = context.database.read([&](storage::Transaction& tx) {
    auto entry = asGrantor(tx, session, id);
    requireStep(entry.status == EmergencyStatus::Accepted && entry.granteeId.has_value());
    auto other = person(tx, *entry.granteeId);
    return std::tuple(std::move(entry), person(tx, session.userId), std::move(other));
  });
  const auto mail = renderIfEnabled(
      context,
      {MailKind::EmergencyInviteConfirmed, grantee.email, {{"grantor_name", shownName(grantor)}}});
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    requireStep(EmergencyAccessStore(tx).confirm(id, key, context.clock.now()));
    enqueueIfAny(context, tx, mail);
  });
  if (mail) context.mailer.sendSoon();
}

void updateContact(const VaultContext& context, const Session& session, const std::string& id,
                   const json::Object& form) {
  const auto type = readType(form);
  const auto days = readWait(form);
  std::optional<std::string> key;
  if (!form.string("keyEncrypted").value_or("").empty()) key = readSealed(form, "keyEncrypted");
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    const auto access = asGrantor(tx, session, id);
    EmergencyAccessStore store(tx);
    const UnixMicros now = context.clock.now();
    requireStep(store.update(id, type, days, now));
    if (key && access.keyEncrypted) requireStep(store.setKey(id, *key, now));
  });
}

void removeContact(const VaultContext& context, const Session& session, const std::string& id) {
  context.database.write([&](storage::Transaction& tx) {
    EmergencyAccessStore store(tx);
    const auto access = store.find(id);
    const bool isTheirs =
        access && (access->grantorId == session.userId || access->granteeId == session.userId);
    if (!isTheirs || !store.remove(id)) throw NotFound("Resource not found.");
    // What was taken back lets nobody make an account any more.
    if (access->email) storage::InvitationStore(tx).withdraw(*access->email, access->grantorId);
  });
}

}  // namespace coffer::vault
