// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_operations.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/files/removed_files.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/sends/send_json.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <algorithm>
#include <utility>

namespace coffer::vault {
namespace {

using storage::Send;
using storage::SendAuth;
using storage::SendStore;
using storage::SendType;
using storage::Transaction;
using storage::UserStore;

constexpr std::uint32_t kPasswordRounds = 100'000;

PasswordHasher hasherOf(const VaultContext& context) {
  return PasswordHasher(std::min(kPasswordRounds, context.options.passwordIterations));
}

Send ownSend(Transaction& tx, const Session& session, std::string_view id) {
  auto send = SendStore(tx).find(session.userId, id);
  if (!send) throw NotFound(std::string(kNotFoundText));
  return std::move(*send);
}

void mustHaveChanged(bool changed) {
  if (!changed) throw Fault(FaultKind::Internal, "", "a Send vanished inside its transaction");
}

void tell(const VaultContext& context, const Session& session, UpdateType type, const Send& send) {
  Update update;
  update.type = type;
  update.userId = session.userId;
  update.actingDevice = session.deviceIdentifier;
  update.id = send.id;
  update.date = send.revisedAt;
  context.notifier.notify(update);
}

// What the owner may set, from the form. Who may read it included.
void fill(const VaultContext& context, Send& send, const SendForm& form,
          const StoredPassword& password) {
  form.sealing.applyTo(send);
  send.maxAccessCount = form.maxAccessCount;
  send.disabled = form.disabled;
  send.hideEmail = form.hideEmail;
  send.expiresAt = form.expiresAt;
  send.deletionAt = form.deletionAt;
  const auto before = send.emails;
  applyAuth(send, form, password);
  if (send.emails && send.emails != before && !context.mailer.isEnabled())
    throw BadRequest("Sends for certain addresses need mail, which this server does not send.");
}

void fillFile(Send& send, const SendForm& form, std::uint64_t size) {
  send.fileSize = static_cast<std::int64_t>(size);
  send.data = fileData(send.fileId.value_or(""), form.fileName.value_or(""), size);
}

// The file is of another size than was announced.
void resizeFile(Send& send, std::uint64_t size) {
  const auto data = json::Document::parse(send.data);
  const std::string name(data.object().requiredString("fileName"));
  send.fileSize = static_cast<std::int64_t>(size);
  send.data = fileData(send.fileId.value_or(""), name, size);
}

void requireType(const SendForm& form, SendType type) {
  if (form.type == type) return;
  throw BadRequest(form.type == SendType::File ? "File Sends are sent to /sends/file/v2."
                                               : "The Send is not a file.");
}

// Bytes of the file, when the form names one that may be stored.
void requireFile(const VaultContext& context, const SendForm& form, std::uint64_t size) {
  if (!form.fileName) throw BadRequest("The Send has no file name.");
  if (size < 1) throw BadRequest("The Send has no file.");
  if (size > context.options.maxSendBytes) throw BadRequest("Max file size exceeded.");
}

void requireQuota(const VaultContext& context, SendStore& sends, const Session& session,
                  std::uint64_t size) {
  const auto quota = context.options.sendQuota;
  if (quota == 0) return;
  const auto used = sends.fileBytes(session.userId);
  if (used > quota || size > quota - used)
    throw BadRequest("Send storage limit reached! Delete some Sends to free up space.");
}

// Stores a Send that is filled but for its dates.
Send insert(const VaultContext& context, const Session& session, Send send) {
  return context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    SendStore sends(tx);
    if (send.fileSize)
      requireQuota(context, sends, session, static_cast<std::uint64_t>(*send.fileSize));
    const auto now = context.clock.now();
    send.createdAt = send.revisedAt = now;
    if (send.uploadedAt) send.uploadedAt = now;
    sends.insert(send);
    if (send.isComplete()) UserStore(tx).bumpRevision(session.userId, now);
    return send;
  });
}

// Runs change(Send&) on the caller's Send and stores the outcome.
template <typename F>
Send change(const VaultContext& context, const Session& session, std::string_view id, F&& change) {
  requireSendsAllowed(context);
  auto changed = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    auto send = ownSend(tx, session, id);
    change(send);
    const auto now = context.clock.now();
    send.revisedAt = nextRevision(send.revisedAt, now);
    mustHaveChanged(SendStore(tx).update(send));
    UserStore(tx).bumpRevision(session.userId, now);
    return send;
  });
  if (changed.isComplete()) tell(context, session, UpdateType::SendUpdate, changed);
  return changed;
}

}  // namespace

storage::PasswordVerifier hashSendPassword(const VaultContext& context,
                                           std::string_view clientPassword) {
  return hasherOf(context).make(clientPassword);
}

bool isSendPassword(const VaultContext& context, std::string_view clientPassword,
                    const storage::PasswordVerifier& stored) {
  return hasherOf(context).matches(clientPassword, stored);
}

void hashForNoSend(const VaultContext& context, std::string_view clientPassword) {
  static_cast<void>(hasherOf(context).matchesNobody(clientPassword));
}

void requireSendsAllowed(const VaultContext& context) {
  if (!context.options.sends)
    throw BadRequest("Sends are switched off on this server. You can only delete existing ones.");
}

Send newSend(const Session& session, SendType type) {
  constexpr std::size_t fileIdBytes = 16;
  Send send;
  send.id = randomUuid();
  send.userId = session.userId;
  send.type = type;
  if (type == SendType::File) send.fileId = toHex(randomBytes(fileIdBytes));
  return send;
}

Send findSend(const VaultContext& context, const Session& session, std::string_view id) {
  return context.database.read([&](Transaction& tx) { return ownSend(tx, session, id); });
}

Send createTextSend(const VaultContext& context, const Session& session, const SendForm& form,
                    const StoredPassword& password) {
  requireSendsAllowed(context);
  requireType(form, SendType::Text);
  requireDeletionDate(form, context.clock.now());
  Send send = newSend(session, SendType::Text);
  fill(context, send, form, password);
  send = insert(context, session, std::move(send));
  tell(context, session, UpdateType::SendCreate, send);
  return send;
}

Send announceFileSend(const VaultContext& context, const Session& session, const SendForm& form,
                      const StoredPassword& password) {
  requireSendsAllowed(context);
  requireType(form, SendType::File);
  requireDeletionDate(form, context.clock.now());
  const auto size =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, form.fileLength.value_or(0)));
  requireFile(context, form, size);
  Send send = newSend(session, SendType::File);
  fillFile(send, form, size);
  fill(context, send, form, password);
  return insert(context, session, std::move(send));
}

void completeFileSend(const VaultContext& context, const Session& session, std::string_view id,
                      std::uint64_t size) {
  requireSendsAllowed(context);
  const auto complete = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    SendStore sends(tx);
    auto send = ownSend(tx, session, id);
    const auto announced = static_cast<std::uint64_t>(send.fileSize.value_or(0));
    if (size > announced) requireQuota(context, sends, session, size - announced);
    const auto now = context.clock.now();
    resizeFile(send, size);
    send.uploadedAt = now;
    send.revisedAt = nextRevision(send.revisedAt, now);
    if (!sends.markUploaded(send)) throw NotFound(std::string(kNotFoundText));
    UserStore(tx).bumpRevision(session.userId, now);
    return send;
  });
  tell(context, session, UpdateType::SendCreate, complete);
}

void forgetAnnouncedSend(const VaultContext& context, const Session& session, std::string_view id) {
  context.database.write([&](Transaction& tx) {
    if (ownSend(tx, session, id).uploadedAt)
      throw BadRequest("The file has been uploaded already.");
    mustHaveChanged(SendStore(tx).remove(session.userId, id));
  });
}

Send createFileSend(const VaultContext& context, const Session& session, const SendForm& form,
                    const StoredPassword& password, Send send, std::uint64_t size) {
  requireSendsAllowed(context);
  requireType(form, SendType::File);
  requireDeletionDate(form, context.clock.now());
  requireFile(context, form, size);
  fillFile(send, form, size);
  send.uploadedAt = context.clock.now();
  fill(context, send, form, password);
  send = insert(context, session, std::move(send));
  tell(context, session, UpdateType::SendCreate, send);
  return send;
}

Send updateSend(const VaultContext& context, const Session& session, std::string_view id,
                const SendForm& form, const StoredPassword& password) {
  requireDeletionDate(form, context.clock.now());
  return change(context, session, id, [&](Send& send) {
    if (send.type != form.type) throw BadRequest("Sends can't change type.");
    fill(context, send, form, password);
  });
}

Send removeSendAuth(const VaultContext& context, const Session& session, std::string_view id) {
  return change(context, session, id, [](Send& send) {
    send.auth = SendAuth::None;
    send.password.reset();
    send.emails.reset();
  });
}

void removeSend(const VaultContext& context, const Session& session, std::string_view id) {
  const auto removed = context.database.write([&](Transaction& tx) {
    auto send = ownSend(tx, session, id);
    mustHaveChanged(SendStore(tx).remove(session.userId, id));
    send.revisedAt = context.clock.now();
    if (send.isComplete()) UserStore(tx).bumpRevision(session.userId, send.revisedAt);
    return send;
  });
  if (removed.isComplete()) tell(context, session, UpdateType::SendDelete, removed);
  if (removed.fileId) removeFilesOfRemovedRows(context);
}

}  // namespace coffer::vault
