// SPDX-License-Identifier: BSD-2-Clause
//
// What can be done with the files of an item (vault-extras section 1). Whoever may change the item
// may add and remove files, whoever sees it may read them.
//
// A file comes in two steps, or in one from clients of long ago: it is announced, which reserves
// its place in the owner's quota, and then uploaded. Until it is there, only the answer to the
// announcement lists it. Each write is one transaction, durable when the call returns.
//
// Faults: NotFound for what the caller may not see; BadRequest for what a rule forbids.
// Threads: any; the writes block until the disk has them.
#pragma once

#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"
#include "storage/stores/cipher_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// How far a file's size may be from the announced one (vault-extras 1.2).
constexpr std::uint64_t kAttachmentSizeLeeway = 1 * MiB;

struct NewAttachment {
  std::string fileName;
  std::optional<std::string> key;
  std::uint64_t size = 0;
  std::optional<UnixMicros> lastKnownRevision;  // Of the item.
};

// The announcement's form. Throws ModelError naming the field.
NewAttachment readAnnouncement(const json::Object& form);

struct AddedAttachment {
  storage::CipherRow row;  // Lists it.
  std::string id;
};

// Moves the item's revision, which the client has from then on; nobody else is told before the file
// is there.
AddedAttachment announceAttachment(const VaultContext& context, const Session& session,
                                   std::string_view cipherId, const NewAttachment& attachment);

// What an upload must be asked before it begins: the announced size. Throws BadRequest when the
// file is there already.
std::uint64_t announcedSize(const VaultContext& context, const Session& session,
                            std::string_view cipherId, std::string_view id);

// The last steps of an upload. checkUploadedSize() forgets an announcement that the file does not
// keep, and throws BadRequest. completeUpload() comes when the file is durable.
void checkUploadedSize(const VaultContext& context, const Session& session,
                       std::string_view cipherId, std::string_view id, std::uint64_t size);
void completeUpload(const VaultContext& context, const Session& session, std::string_view cipherId,
                    std::string_view id, std::uint64_t size);

// The upload in one step. mayAttach() comes before the first byte, addAttachment() when the file is
// durable under the id that newAttachmentId() gave.
std::string newAttachmentId();
void mayAttach(const VaultContext& context, const Session& session, std::string_view cipherId);
storage::CipherRow addAttachment(const VaultContext& context, const Session& session,
                                 std::string_view cipherId, std::string_view id,
                                 const NewAttachment& attachment);

// The attachment whose file is there, or with `announced` the one whose file is not.
enum class Stage { Announced, Uploaded };
storage::Attachment findAttachment(const VaultContext& context, const Session& session,
                                   std::string_view cipherId, std::string_view id, Stage stage);

// The item as it is afterwards. The file goes with it.
storage::CipherRow removeAttachment(const VaultContext& context, const Session& session,
                                    std::string_view cipherId, std::string_view id);

}  // namespace coffer::vault
