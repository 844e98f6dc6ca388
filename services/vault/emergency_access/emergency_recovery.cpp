// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_recovery.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/attachments/attachment_json.h"
#include "services/vault/ciphers/cipher_pages.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/emergency_access/emergency_rules.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/mail/news_mail.h"
#include "services/vault/paged_answer.h"
#include "services/vault/respond.h"
#include "services/vault/two_factor/second_factors.h"
#include "storage/database/database.h"
#include "storage/stores/attachment_store.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

using storage::EmergencyAccess;
using storage::EmergencyAccessStore;
using storage::EmergencyType;

struct Pair {
  EmergencyAccess access;
  storage::User grantor;
  storage::User grantee;
};

// An entry that was accepted, with both people.
Pair pairOf(storage::Transaction& tx, EmergencyAccess access) {
  requireStep(access.granteeId.has_value());
  auto grantor = person(tx, access.grantorId);
  auto grantee = person(tx, *access.granteeId);
  return {std::move(access), std::move(grantor), std::move(grantee)};
}

// Whether a step is worth taking when the mail that tells of it cannot be sent.
enum class Told { Surely, IfPossible };

// Takes one step of the entry and sends the mail that tells of it.
template <typename Step>
EmergencyAccess advance(const VaultContext& context, const Session& session, const std::string& id,
                        const std::optional<RenderedMail>& mail, Told told, Step&& step) {
  auto access = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    EmergencyAccessStore store(tx);
    requireStep(step(store, context.clock.now()));
    if (mail && told == Told::Surely) context.mailer.enqueue(tx, *mail);
    if (mail && told == Told::IfPossible) enqueueIfTaken(context.mailer, tx, *mail);
    return *store.find(id);
  });
  if (mail) context.mailer.sendSoon();
  return access;
}

Pair loadAsGrantor(const VaultContext& context, const Session& session, const std::string& id) {
  return context.database.read(
      [&](storage::Transaction& tx) { return pairOf(tx, asGrantor(tx, session, id)); });
}

Pair loadAsGrantee(const VaultContext& context, const Session& session, const std::string& id) {
  return context.database.read(
      [&](storage::Transaction& tx) { return pairOf(tx, asGrantee(tx, session, id)); });
}

Credentials readNewPassword(const json::Object& form, const storage::User& grantor) {
  if (auto credentials = readCredentials(form, kChangeNames, {grantor.email, 0, grantor.kdf})) {
    return std::move(*credentials);
  }
  Credentials credentials;
  credentials.passwordHash = readPasswordHash(form, "newMasterPasswordHash");
  credentials.userKey = readSealed(form, "key");
  credentials.kdf = grantor.kdf;
  return credentials;
}

}  // namespace

EmergencyAccess initiateRecovery(const VaultContext& context, const Session& session,
                                 const std::string& id) {
  const Pair pair = loadAsGrantee(context, session, id);
  const auto mail =
      renderIfEnabled(context, {MailKind::EmergencyRecoveryInitiated,
                                pair.grantor.email,
                                {{"grantee_name", shownName(pair.grantee)},
                                 {"access", accessWord(pair.access.type)},
                                 {"wait_days", std::to_string(pair.access.waitTimeDays)}}});
  log::warning("vault", "emergency access was asked for",
               {{"grantor", pair.grantor.email}, {"grantee", pair.grantee.email}});
  return advance(
      context, session, id, mail, Told::Surely,
      [&](EmergencyAccessStore& store, UnixMicros now) { return store.initiate(id, now); });
}

EmergencyAccess approveRecovery(const VaultContext& context, const Session& session,
                                const std::string& id) {
  const Pair pair = loadAsGrantor(context, session, id);
  const auto mail = renderIfEnabled(context, {MailKind::EmergencyRecoveryApproved,
                                              pair.grantee.email,
                                              {{"grantor_name", shownName(pair.grantor)}}});
  return advance(
      context, session, id, mail, Told::IfPossible,
      [&](EmergencyAccessStore& store, UnixMicros now) { return store.approve(id, now); });
}

EmergencyAccess rejectRecovery(const VaultContext& context, const Session& session,
                               const std::string& id) {
  const Pair pair = loadAsGrantor(context, session, id);
  const auto mail = renderIfEnabled(context, {MailKind::EmergencyRecoveryRejected,
                                              pair.grantee.email,
                                              {{"grantor_name", shownName(pair.grantor)}}});
  return advance(
      context, session, id, mail, Told::IfPossible,
      [&](EmergencyAccessStore& store, UnixMicros now) { return store.reject(id, now); });
}

http::Response viewVault(const VaultContext& context, const http::Request& request,
                         const std::string& id) {
  const auto& session = request.attached<Session>();
  const auto access = context.database.read(
      [&](storage::Transaction& tx) { return granted(tx, session, id, EmergencyType::View); });
  std::string head;
  json::Writer writer(head);
  writer.beginObject().field("keyEncrypted", access.keyEncrypted);
  writer.field("object", "emergencyAccessView").key("ciphers").beginArray();
  CipherPages pages(context, access.grantorId, request);
  const bool more =
      context.database.read([&](storage::Transaction& tx) { return pages.appendPage(tx, head); });
  std::optional<Pages> rest;
  if (more) {
    rest = [pages = std::move(pages)](storage::Transaction& tx, std::string& out) mutable {
      return pages.appendPage(tx, out);
    };
  }
  return pagedAnswer(context.database, std::move(head), std::move(rest), "]}");
}

http::Response viewAttachment(const VaultContext& context, const http::Request& request,
                              const std::string& id) {
  const auto& session = request.attached<Session>();
  const std::string cipherId = toLowerAscii(request.param("cipherId"));
  const std::string attachmentId = toLowerAscii(request.param("attachmentId"));
  const auto attachment = context.database.read([&](storage::Transaction& tx) {
    const auto access = granted(tx, session, id, EmergencyType::View);
    visibleCipher(tx, access.grantorId, cipherId);
    const auto found = storage::AttachmentStore(tx).find(attachmentId);
    if (!found || found->cipherId != cipherId || !found->uploadedAt) {
      throw NotFound("Resource not found.");
    }
    return found->attachment;
  });
  const AttachmentLinks links(context, request);
  return jsonAnswer(
      [&](json::Writer& writer) { writeAttachment(writer, cipherId, attachment, links); });
}

http::Response takeOver(const VaultContext& context, const Session& session,
                        const std::string& id) {
  const auto [access, grantor] = context.database.read([&](storage::Transaction& tx) {
    auto entry = granted(tx, session, id, EmergencyType::Takeover);
    auto user = person(tx, entry.grantorId);
    return std::pair(std::move(entry), std::move(user));
  });
  return jsonAnswer([&, &entry = access, &user = grantor](json::Writer& writer) {
    writer.beginObject()
        .field("kdf", user.kdf.type)
        .field("kdfIterations", user.kdf.iterations)
        .field("kdfMemory", user.kdf.memory)
        .field("kdfParallelism", user.kdf.parallelism)
        .field("keyEncrypted", entry.keyEncrypted)
        .field("salt", user.email)
        .field("object", "emergencyAccessTakeover")
        .endObject();
  });
}

void setGrantorPassword(const VaultContext& context, const Session& session, const std::string& id,
                        const json::Object& form) {
  const Pair pair = context.database.read([&](storage::Transaction& tx) {
    return pairOf(tx, granted(tx, session, id, EmergencyType::Takeover));
  });
  const Credentials next = readNewPassword(form, pair.grantor);
  storage::PasswordChange change;
  change.password = context.passwords.make(next.passwordHash);
  change.kdf = next.kdf;
  change.userKey = next.userKey;
  change.securityStamp = randomUuid();
  const std::string& grantorId = pair.grantor.id;
  const auto changed = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    granted(tx, session, id, EmergencyType::Takeover);
    const UnixMicros now = context.clock.now();
    storage::UserStore users(tx);
    const bool isSame = person(tx, grantorId).securityStamp == pair.grantor.securityStamp;
    requireStep(isSame && users.setPassword(grantorId, change, now) &&
                users.setVerifyDevices(grantorId, false, now));
    storage::DeviceStore(tx).forgetTokens(grantorId);
    context.secondFactors.removeAll(tx, grantorId, now);
    return person(tx, grantorId);
  });
  log::warning("vault", "an account was taken over by its emergency contact",
               {{"grantor", pair.grantor.email}, {"grantee", pair.grantee.email}});
  tellOfLogOut(context, changed, "");
}

}  // namespace coffer::vault
