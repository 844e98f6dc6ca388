// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/hub_messages.h"

#include "services/vault/notifications/message_pack.h"

namespace coffer::vault {
namespace {

constexpr std::uint8_t kInvocation = 1;
constexpr std::string_view kUserTarget = "ReceiveMessage";
constexpr std::string_view kAnonymousTarget = "AuthRequestResponseRecieved";  // Spelled so.

// [1, headers, no invocation id, target, [ … one argument follows
void beginInvocation(MessagePacker& pack, std::string_view target) {
  pack.array(5).number(kInvocation).map(0).nil().text(target).array(1);
}

void packCipher(MessagePacker& pack, const Update& update) {
  const bool isPersonal = update.organizationId.empty() && !update.collectionIds;
  pack.map(5).text("Id").text(update.id);
  pack.text("UserId").textOrNil(isPersonal ? update.userId : std::string_view());
  pack.text("OrganizationId").textOrNil(update.organizationId);
  pack.text("CollectionIds");
  if (update.collectionIds) {
    pack.array(update.collectionIds->size());
    for (const auto& id : *update.collectionIds) pack.text(id);
  } else {
    pack.nil();
  }
  pack.text("RevisionDate").date(update.date);
}

void packThing(MessagePacker& pack, const Update& update) {
  pack.map(3).text("Id").text(update.id).text("UserId").text(update.userId);
  pack.text("RevisionDate").date(update.date);
}

void packAccount(MessagePacker& pack, const Update& update) {
  pack.map(2).text("UserId").text(update.userId).text("Date").date(update.date);
}

void packRequest(MessagePacker& pack, const Update& update) {
  pack.map(2).text("Id").text(update.id).text("UserId").text(update.userId);
}

void packPayload(MessagePacker& pack, const Update& update) {
  switch (update.type) {
    case UpdateType::CipherUpdate:
    case UpdateType::CipherCreate:
    case UpdateType::CipherDelete:
      return packCipher(pack, update);
    case UpdateType::FolderDelete:
    case UpdateType::FolderCreate:
    case UpdateType::FolderUpdate:
    case UpdateType::SendCreate:
    case UpdateType::SendUpdate:
    case UpdateType::SendDelete:
      return packThing(pack, update);
    case UpdateType::Ciphers:
    case UpdateType::Vault:
    case UpdateType::OrganizationKeys:
    case UpdateType::Settings:
    case UpdateType::LogOut:
      return packAccount(pack, update);
    case UpdateType::AuthRequest:
    case UpdateType::AuthRequestResponse:
      return packRequest(pack, update);
  }
}

// The length in front: seven bits a byte, the lowest first.
std::string record(std::string_view body) {
  std::string out;
  std::size_t rest = body.size();
  for (; rest >= 0x80; rest >>= 7U) out.push_back(static_cast<char>((rest & 0x7fU) | 0x80U));
  out.push_back(static_cast<char>(rest));
  return out.append(body);
}

}  // namespace

std::string userRecord(const Update& update) {
  std::string body;
  MessagePacker pack(body);
  beginInvocation(pack, kUserTarget);
  pack.map(3).text("ContextId").textOrNil(update.actingDevice);
  pack.text("Type").number(static_cast<std::uint8_t>(update.type)).text("Payload");
  packPayload(pack, update);
  return record(body);
}

std::string anonymousRecord(const Update& answered) {
  std::string body;
  MessagePacker pack(body);
  beginInvocation(pack, kAnonymousTarget);
  pack.map(3).text("Type").number(static_cast<std::uint8_t>(answered.type)).text("Payload");
  packRequest(pack, answered);
  pack.text("UserId").text(answered.userId);
  return record(body);
}

}  // namespace coffer::vault
