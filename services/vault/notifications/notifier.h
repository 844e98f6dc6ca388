// SPDX-License-Identifier: BSD-2-Clause
//
// Tells a person's other devices that something changed (vault-extras 7.7, vault-core 8).
//
// Call it after the change is durable and its revision dates are written: clients fetch at once and
// compare dates. Never inside a transaction. It does not block, does not wait for any client and
// throws nothing; delivery is best effort.
//
// Threads: any; subscribe() before the first notification.
#pragma once

#include "appliance/base/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace coffer::vault {

// Numbers of the protocol.
enum class UpdateType : std::uint8_t {
  CipherUpdate = 0,
  CipherCreate = 1,
  CipherDelete = 2,  // Removed for good; into the trash is an update.
  FolderDelete = 3,
  Ciphers = 4,  // Many items at once.
  Vault = 5,    // Everything.
  OrganizationKeys = 6,
  FolderCreate = 7,
  FolderUpdate = 8,
  Settings = 10,
  LogOut = 11,
  SendCreate = 12,
  SendUpdate = 13,
  SendDelete = 14,
  AuthRequest = 15,
  AuthRequestResponse = 16,  // Also told to whoever waits for it without a session, by `id`.
};

struct Update {
  UpdateType type = UpdateType::Vault;
  std::string userId;  // Whose devices are told.
  // Identifier of the device that caused it, which ignores the message; "": everybody acts on it.
  // A LogOut ends the sockets of all others.
  std::string actingDevice;
  // The item, folder, Send or request; "" for messages about the account.
  std::string id;
  // Of an organization's item; the payload then names no user.
  std::string organizationId;
  std::optional<std::vector<std::string>> collectionIds;
  // The thing's revision date, or the account's for messages about the account.
  UnixMicros date = 0;
  // LogOut only: that device alone; "": all of them.
  std::string onlyDevice;
};

class Notifier {
 public:
  // Called for every update, on the thread that notifies; must return at once and not throw.
  using Subscriber = std::function<void(const Update&)>;
  void subscribe(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }

  void notify(const Update& update) const {
    for (const auto& subscriber : subscribers_) subscriber(update);
  }

 private:
  std::vector<Subscriber> subscribers_;
};

}  // namespace coffer::vault
