// SPDX-License-Identifier: BSD-2-Clause
//
// Reading a Send without an account (vault-extras 2.9). A Send that may not be read, for whatever
// reason, is the same NotFound as one that never was.
//
// An access is counted where it is used: a text when it is handed out, a file when the address of
// its bytes is. One statement checks and counts, so that no more get it than the owner allowed; the
// owner's other clients are told.
//
// Threads: any.
#pragma once

#include "services/vault/sends/send_token.h"
#include "services/vault/vault_context.h"
#include "storage/stores/send_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// Not disabled, neither expired nor due for deletion, with its file, accesses left, and an owner
// whose account is not disabled.
[[nodiscard]] bool isReadable(const storage::SharedSend& shared, UnixMicros now);

// Nothing where there is no such Send at all.
std::optional<storage::SharedSend> loadShared(const VaultContext& context, std::string_view id);
// Throws NotFound unless it may be read.
storage::SharedSend requireReadable(const VaultContext& context, std::string_view id);

// What a Send asks of its readers, as a text that differs whenever that does: who proved it once
// need not again, unless the owner changed it. Keyed, since whoever has a token can read it: it
// must not let them try which addresses are listed.
std::string sendProof(const VaultContext& context, const storage::Send& send);
// Throws Unauthorized when the Send asks for something else by now. One that asks for nothing any
// more is open to whoever has a token: clients keep theirs as long as it lasts.
void requireProof(const VaultContext& context, const storage::Send& send, const SendGrant& grant);

// Counts an access to a Send whose reader has shown `grant`, and returns it as it is then. `fileId`
// is of the file wanted, nothing for a text. Throws NotFound when it may not be read or has no such
// file, and Unauthorized when it asks for something else by now. Disk lane.
storage::SharedSend readSend(const VaultContext& context, const SendGrant& grant,
                             std::optional<std::string_view> fileId);

// Checks what somebody from `clientAddress` shows as password: TooManyRequests after too many wrong
// ones for this Send, which are logged. Hash lane.
[[nodiscard]] bool isRightPassword(const VaultContext& context, const storage::Send& send,
                                   std::string_view password, std::string_view clientAddress);
// The same to whoever asks, for an id that names no Send: as slow, as often, and never right.
void checkDecoyPassword(const VaultContext& context, std::string_view id, std::string_view password,
                        std::string_view clientAddress);

}  // namespace coffer::vault
