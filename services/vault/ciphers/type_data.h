// SPDX-License-Identifier: BSD-2-Clause
//
// Writes the data of one item type, and the lists inside items, in their stored form: known members
// first, in the schema's order and with nulls where the client said nothing; then those nobody
// knows yet, with a small first letter. `response`, an accident of the official clients' own code,
// is left out (vault-core 6.2).
//
// All throw ModelError for a member of the wrong kind or over its length.
#pragma once

#include "services/vault/ciphers/cipher_schema.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"

#include <cstddef>
#include <string_view>

namespace coffer::vault {

// Writes `null` for an SSH key that lacks one of its three parts: no client could use it, and some
// would fail on it.
void writeTypeData(json::Writer& writer, const TypeSchema& schema, const json::Object& data);

void writeCustomField(json::Writer& writer, const json::Object& field);

// Throws "The field {Name} exceeds the maximum encrypted value length of {N} characters."
void checkLength(const json::Object& object, std::string_view name, std::string_view text,
                 std::size_t maxLength);

}  // namespace coffer::vault
