// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_access.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/sends/send_form.h"
#include "services/vault/sends/send_operations.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <utility>

namespace coffer::vault {
namespace {

using storage::SendStore;
using storage::SendType;
using storage::SharedSend;
using storage::Transaction;

[[noreturn]] void refuseUnavailable() { throw NotFound(std::string(kNotFoundText)); }

bool hasFile(const storage::Send& send, std::optional<std::string_view> fileId) {
  if (send.type != SendType::File) return !fileId;
  return fileId && send.fileId == *fileId;
}

}  // namespace

bool isReadable(const SharedSend& shared, UnixMicros now) {
  const storage::Send& send = shared.send;
  return !shared.ownerDisabled && !send.disabled && send.isComplete() && now < send.deletionAt &&
         (!send.expiresAt || now < *send.expiresAt) &&
         (!send.maxAccessCount || send.accessCount < *send.maxAccessCount);
}

std::optional<SharedSend> loadShared(const VaultContext& context, std::string_view id) {
  return context.database.read([&](Transaction& tx) { return SendStore(tx).findShared(id); });
}

SharedSend requireReadable(const VaultContext& context, std::string_view id) {
  auto shared = loadShared(context, id);
  if (!shared || !isReadable(*shared, context.clock.now())) refuseUnavailable();
  return std::move(*shared);
}

std::string sendProof(const VaultContext& context, const storage::Send& send) {
  std::string asked = "proof:" + std::to_string(static_cast<int>(send.auth)) + "\n";
  if (send.password) asked += send.password->salt + send.password->hash;
  asked += "\n" + send.emails.value_or("");
  return toBase64Url(hmacSha256(context.tokens.decoyKey(), asked));
}

void requireProof(const VaultContext& context, const storage::Send& send, const SendGrant& grant) {
  if (send.auth == storage::SendAuth::None) return;
  if (!equalsInConstantTime(grant.proof, sendProof(context, send)))
    throw Unauthorized("Unauthorized.", "the Send asks for something else by now");
}

SharedSend readSend(const VaultContext& context, const SendGrant& grant,
                    std::optional<std::string_view> fileId) {
  const auto shared = context.database.write([&](Transaction& tx) {
    SendStore sends(tx);
    auto found = sends.findShared(grant.sendId);
    const UnixMicros now = context.clock.now();
    if (!found || !isReadable(*found, now) || !hasFile(found->send, fileId)) refuseUnavailable();
    requireProof(context, found->send, grant);
    const auto counted = sends.countAccess(grant.sendId, now);
    if (!counted) refuseUnavailable();
    storage::UserStore(tx).bumpRevision(counted->userId, now);
    ++found->send.accessCount;
    found->send.revisedAt = counted->revisedAt;
    return std::move(*found);
  });
  Update update;
  update.type = UpdateType::SendUpdate;
  update.userId = shared.send.userId;
  update.id = shared.send.id;
  update.date = shared.send.revisedAt;
  context.notifier.notify(update);
  return shared;
}

bool isRightPassword(const VaultContext& context, const storage::Send& send,
                     std::string_view password, std::string_view clientAddress) {
  context.throttle.chargeSend(send.id, clientAddress);
  if (password.size() <= kMaxSendPassword && send.password &&
      isSendPassword(context, password, *send.password)) {
    context.throttle.refundSend(send.id, clientAddress);
    return true;
  }
  log::warning("vault",
               "Send " + send.id + ", Invalid password from " + std::string(clientAddress));
  return false;
}

void checkDecoyPassword(const VaultContext& context, std::string_view id, std::string_view password,
                        std::string_view clientAddress) {
  context.throttle.chargeSend(id, clientAddress);
  if (password.size() <= kMaxSendPassword) hashForNoSend(context, password);
}

}  // namespace coffer::vault
