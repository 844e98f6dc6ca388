// SPDX-License-Identifier: BSD-2-Clause
//
// Reads the JSON of a request (RFC 8259) the way the clients of many years write it: names match
// whatever their case, at every level; numbers may come as strings; members nobody asks for are
// ignored (vault-core section 1.3). The route's body limit bounds the size before this is reached;
// nesting and the number of values are bounded here.
//
// Errors: everything here throws ModelError (a BadRequest) with the path of the field.
// Lifetime: Object, Array and every string_view point into their Document.
// Threads: a Document is const once parsed.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/json/model_error.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault::json {

constexpr std::size_t kMaxNesting = 64;
constexpr std::size_t kMaxValues = 1'048'576;  // A parsed one takes up to some 100 bytes.

class Array;

// One JSON object. Names are given in camelCase; of two members that differ in case only, the one
// spelled exactly so wins, and of two spelled alike the last. Cheap to copy but for its path.
class Object {
 public:
  Object(const nlohmann::json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  [[nodiscard]] bool has(std::string_view name) const;     // There at all, null included.
  [[nodiscard]] bool isNull(std::string_view name) const;  // null or absent.

  // Absent and null are nothing; a value of another kind throws. "" is a string.
  std::optional<std::string_view> string(std::string_view name) const;
  // As string(); absent, null and "" throw "The {Name} field is required."
  std::string_view requiredString(std::string_view name) const;
  // A whole number, also as "12" or 12.0. "" is nothing.
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::int64_t requiredInteger(std::string_view name) const;
  // true, false, and the strings "true" and "false" in any case.
  std::optional<bool> boolean(std::string_view name) const;
  std::optional<Object> object(std::string_view name) const;
  Object requiredObject(std::string_view name) const;
  std::optional<Array> array(std::string_view name) const;
  // A date of any RFC 3339 form. What does not parse, and 0001-01-01T00:00:00, is nothing: a date
  // never fails a request (vault-core section 1.4).
  std::optional<UnixMicros> date(std::string_view name) const;
  // A UUID in lower case; "" is nothing (vault-core section 1.3), anything else throws.
  std::optional<std::string> uuid(std::string_view name) const;
  // The UUIDs of an array, in lower case and in order. Absent and null are an empty list.
  std::vector<std::string> uuids(std::string_view name) const;

  // What is stored under the name; null pointer when absent.
  const nlohmann::json* find(std::string_view name) const;
  const nlohmann::json& raw() const { return *value_; }

  // "Ciphers[3].Login"; "" for the body itself.
  const std::string& path() const { return path_; }
  // "Ciphers[3].Login.Uri": the path in PascalCase, as error bodies name fields.
  std::string pathOf(std::string_view name) const;
  [[noreturn]] void fail(std::string_view name, std::string text) const;

 private:
  const nlohmann::json* value_;
  std::string path_;
};

class Array {
 public:
  Array(const nlohmann::json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  std::size_t size() const;
  Object object(std::size_t index) const;  // Throws when the element is something else.
  std::string_view string(std::size_t index) const;
  std::int64_t integer(std::size_t index) const;  // As Object::integer reads one.
  Array array(std::size_t index) const;
  const nlohmann::json& raw() const { return *value_; }

 private:
  std::string pathOf(std::size_t index) const;

  const nlohmann::json* value_;
  std::string path_;
};

class Document {
 public:
  // Refuses what is not JSON in UTF-8, what nests deeper than kMaxNesting and what may hold
  // kMaxValues values or more.
  static Document parse(std::string_view text);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  Object object() const;  // Throws when the body is something else.
  Array array() const;

 private:
  explicit Document(std::unique_ptr<const nlohmann::json> root);
  std::unique_ptr<const nlohmann::json> root_;
};

// "notes" → "Notes".
std::string pascalName(std::string_view camelName);

// The 36 characters of a UUID, in any case.
[[nodiscard]] bool isUuid(std::string_view text);

}  // namespace coffer::vault::json
