// SPDX-License-Identifier: BSD-2-Clause
//
// An item as a client sends it, read, checked and brought into the one form that is stored and sent
// (vault-core 6.2 to 6.6): canonical names, explicit nulls, the repairs that keep one broken item
// from crashing every client that syncs it. Members of type data that nobody knows yet are kept.
//
// The stored body is the members of the item's JSON object that are the same for every reader, with
// commas and without braces, always beginning with "reprompt":
//   "reprompt":0,"name":"2.…","notes":null,"key":null,"fields":[],"passwordHistory":[],"login":{…},
//   "secureNote":null,…
// Everything else an item has is a column (storage::Cipher).
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/ciphers/cipher_schema.h"
#include "services/vault/json/request_reader.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

// A file of the item whose name and key are sealed anew; the file itself stays.
struct AttachmentSealing {
  std::string id;  // In lower case; perhaps of no attachment at all.
  std::string fileName;
  std::optional<std::string> key;  // Nothing: stays.
};

struct CipherForm {
  // Throws ModelError naming the field: what is missing, of the wrong kind, or too long.
  // `maxNotes` is the owner's to choose (VaultOptions::maxNoteLength); other lengths are fixed.
  static CipherForm parse(const json::Object& request, std::size_t maxNotes);

  int type = 1;  // As asked for; resolveType() decides.
  std::optional<std::string> organizationId;
  std::optional<std::string> folderId;
  std::optional<bool> favorite;  // Absent on update: stays.
  std::optional<int> reprompt;   // The same.
  // Nothing: stays. A value: becomes that, which may be "not archived".
  std::optional<std::optional<UnixMicros>> archivedAt;
  std::optional<UnixMicros> lastKnownRevision;
  std::optional<std::string> encryptedFor;      // The user the client thinks it is.
  std::optional<std::string> encryptedByKeyId;  // 32 lower-case hexadecimal digits.
  std::vector<AttachmentSealing> attachments;   // Those not listed stay as they are.

  // The type to store, the stored one being `storedType` (nothing on create). An item keeps its
  // type as long as the request has data for it; a request with data for another type only changes
  // it. A client that always says "type 1" is believed by its data. Throws ModelError when there is
  // no data for the type.
  int resolveType(std::optional<int> storedType) const;

  // The body to store.
  std::string body(int resolvedType, int resolvedReprompt) const;

  std::string path;      // Of the request object, for faults: "Ciphers[3]" or "".
  std::string shared;    // From "name" to "passwordHistory".
  bool hasData = false;  // Sealed as a whole in the member `data`.
  std::array<std::optional<std::string>, kCipherTypes> typeData;  // JSON; nothing when not sent.
};

// What a stored body says about asking for the master password again: 0 or 1.
int repromptOf(std::string_view body);
// Whether it is sealed with a key of its own, which in turn is sealed with that of its owner.
bool hasOwnKey(std::string_view body);

}  // namespace coffer::vault
