// SPDX-License-Identifier: BSD-2-Clause
//
// What the owner does with Sends (vault-extras 2.6 to 2.8). Each write is one transaction, durable
// when the call returns; it moves the account revision and tells the owner's other devices.
//
// Faults: NotFound for a Send that is not the caller's; BadRequest for what a rule forbids, and for
// every change while the owner of the box has switched Sends off, but for deleting.
// Threads: any; the writes block until the disk has them.
#pragma once

#include "appliance/base/bytes.h"
#include "services/vault/sends/send_form.h"
#include "services/vault/vault_context.h"
#include "storage/stores/send_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

using StoredPassword = std::optional<storage::PasswordVerifier>;

// As cheap as the sheet allows, since strangers make the server do it: what it hashes took the
// client 100,000 rounds already. Hash lane.
storage::PasswordVerifier hashSendPassword(const VaultContext& context,
                                           std::string_view clientPassword);
[[nodiscard]] bool isSendPassword(const VaultContext& context, std::string_view clientPassword,
                                  const storage::PasswordVerifier& stored);
// As much work as for a stored password, and nothing comes of it. Hash lane.
void hashForNoSend(const VaultContext& context, std::string_view clientPassword);

void requireSendsAllowed(const VaultContext& context);

// A Send of the caller, announced ones too.
storage::Send findSend(const VaultContext& context, const Session& session, std::string_view id);

// `password` is form.newPassword(), hashed.
storage::Send createTextSend(const VaultContext& context, const Session& session,
                             const SendForm& form, const StoredPassword& password);
// Takes the file's place in the quota. The Send is in no list until its file is there, and nobody
// is told of it.
storage::Send announceFileSend(const VaultContext& context, const Session& session,
                               const SendForm& form, const StoredPassword& password);
// How far a file may be from the size that was announced for it (vault-extras 2.8).
constexpr std::uint64_t kFileSizeLeeway = 1 * MiB;
// The file is durable at its path, `size` bytes long: the Send begins to exist for everybody.
void completeFileSend(const VaultContext& context, const Session& session, std::string_view id,
                      std::uint64_t size);
// The file that came is not the one that was announced: the Send goes. Throws BadRequest, with
// nothing changed, when another upload has brought its file meanwhile.
void forgetAnnouncedSend(const VaultContext& context, const Session& session, std::string_view id);
// Both at once, for a file that came with the form; `send` has its ids.
storage::Send createFileSend(const VaultContext& context, const Session& session,
                             const SendForm& form, const StoredPassword& password,
                             storage::Send send, std::uint64_t size);

// The type and the file stay, whatever the form says.
storage::Send updateSend(const VaultContext& context, const Session& session, std::string_view id,
                         const SendForm& form, const StoredPassword& password);
// Open to everybody who has the link.
storage::Send removeSendAuth(const VaultContext& context, const Session& session,
                             std::string_view id);
// With its file.
void removeSend(const VaultContext& context, const Session& session, std::string_view id);

// A Send with new ids and nothing else.
storage::Send newSend(const Session& session, storage::SendType type);

}  // namespace coffer::vault
