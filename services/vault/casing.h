// SPDX-License-Identifier: BSD-2-Clause
//
// Answers in PascalCase, for mounts whose clients were written for such a server (vault-core 10.3):
// {"folderId":null} → {"FolderId":null}. The vault writes camelCase only; this changes member names
// on the way out, on JSON text, without parsing it into anything. Memory is constant, so a streamed
// sync stays streamed.
//
// Left as they are (vault-core 1.3): names with '_' or '-' in them (access_token), the OAuth words
// "scope" and "error", and all that lies below accountKeys and TwoFactorProviders2, which clients
// read by exact name, and below featureStates, whose names are the clients' own. "ssn" becomes
// "SSN".
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"

#include <bitset>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::vault {

// Documented: as the PascalCase servers of 2019 answered, whose routes are on record. Beside the
// casing that means two of their habits: items call themselves "cipher" and grant no one-time
// codes, and removals say 204. Every other client takes only 200 (vault-core 1.12).
enum class Dialect { Current, Documented };

// From the mount's option casing=pascal.
Dialect dialectOf(const http::Request& request);

// The answer to a removal: 200 or 204, without a body.
http::Response removed(const http::Request& request);

// Gives the names in a response's JSON body, whole or streamed, capital first letters. A response
// with another content type stays as it is. For vault_service's decorate(), where dialectOf() says
// Documented.
void applyPascalCase(http::Response& response);

std::string toPascalCase(std::string_view json);

// The converter itself. Takes JSON text in pieces cut anywhere; what it appends for a piece may lag
// behind by one name. Text that is not JSON passes through without harm. Threads: one at a time.
class PascalCaser {
 public:
  void feed(std::string_view piece, std::string& out);
  void finish(std::string& out);  // What was held back; nothing when the JSON was complete.

 private:
  enum class Place { Structure, Name, Text };

  std::size_t takeText(std::string_view piece, std::size_t from, std::string& out);
  void takeName(char c, std::string& out);
  void takeStructure(char c, std::string& out);
  void open(bool isObject);
  void close();
  void endName(std::string& out);

  // Brackets deeper than this count as arrays: their names stay as they are.
  static constexpr std::size_t kMaxDepth = 128;
  static constexpr std::size_t kMaxName = 64;

  Place place_ = Place::Structure;
  bool escaped_ = false;       // The last character of a text was a backslash.
  bool nameExpected_ = false;  // A string here is a member's name.
  std::bitset<kMaxDepth> isObject_;
  std::size_t depth_ = 0;
  std::size_t exactDepth_ = 0;  // Names at this depth and below stay; 0: none.
  bool exactNext_ = false;      // The value that follows keeps its names.
  std::string name_;            // A name being read, without its quotes.
};

}  // namespace coffer::vault
