// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/request_reader.h"

#include "appliance/base/bytes.h"
#include "services/vault/json/request_bounds.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace coffer::vault::json {
namespace {

constexpr std::string_view kNotGiven = "0001-01-01T00:00:00";  // .NET's default date.

std::optional<std::int64_t> parseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

// A number that is whole and that a double holds exactly.
std::optional<std::int64_t> wholeNumber(double number) {
  constexpr double kLargest = 9007199254740992.0;  // 2^53
  if (std::nearbyint(number) != number || std::fabs(number) > kLargest) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> integerIn(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return wholeNumber(value.get<double>());
  if (value.is_string()) return parseInteger(value.get_ref<const std::string&>());
  return std::nullopt;
}

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? pascalName(name) : path + "." + pascalName(name);
}

[[noreturn]] void failRequired(const Object& object, std::string_view name) {
  object.fail(name, "The " + pascalName(name) + " field is required.");
}

[[noreturn]] void failKind(const Object& object, std::string_view name, std::string_view kind) {
  object.fail(name, "The " + pascalName(name) + " field must be " + std::string(kind) + ".");
}

}  // namespace

std::string pascalName(std::string_view camelName) {
  std::string name(camelName);
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 32);
  return name;
}

bool isUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return false;
    } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
      return false;
    }
  }
  return true;
}

const nlohmann::json* Object::find(std::string_view name) const {
  const auto& members = value_->get_ref<const nlohmann::json::object_t&>();
  if (const auto exact = members.find(name); exact != members.end()) return &exact->second;
  for (const auto& [key, value] : members)
    if (equalsIgnoringCase(key, name)) return &value;
  return nullptr;
}

bool Object::has(std::string_view name) const { return find(name) != nullptr; }

bool Object::isNull(std::string_view name) const {
  const auto* value = find(name);
  return value == nullptr || value->is_null();
}

std::optional<std::string_view> Object::string(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) failKind(*this, name, "a string");
  return value->get_ref<const std::string&>();
}

std::string_view Object::requiredString(std::string_view name) const {
  const auto text = string(name);
  if (!text || text->empty()) failRequired(*this, name);
  return *text;
}

std::optional<std::int64_t> Object::integer(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_string() && value->get_ref<const std::string&>().empty()) return std::nullopt;
  const auto number = integerIn(*value);
  if (!number) failKind(*this, name, "a whole number");
  return number;
}

std::int64_t Object::requiredInteger(std::string_view name) const {
  const auto number = integer(name);
  if (!number) failRequired(*this, name);
  return *number;
}

std::optional<bool> Object::boolean(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    if (equalsIgnoringCase(text, "true")) return true;
    if (equalsIgnoringCase(text, "false")) return false;
  }
  failKind(*this, name, "true or false");
}

std::optional<Object> Object::object(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_object()) failKind(*this, name, "an object");
  return Object(*value, pathOf(name));
}

Object Object::requiredObject(std::string_view name) const {
  auto inner = object(name);
  if (!inner) failRequired(*this, name);
  return std::move(*inner);
}

std::optional<Array> Object::array(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_array()) failKind(*this, name, "a list");
  return Array(*value, pathOf(name));
}

std::optional<UnixMicros> Object::date(std::string_view name) const {
  const auto* value = find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  const auto& text = value->get_ref<const std::string&>();
  if (text.starts_with(kNotGiven)) return std::nullopt;
  return parseIsoDate(text);
}

std::optional<std::string> Object::uuid(std::string_view name) const {
  const auto text = string(name);
  if (!text || text->empty()) return std::nullopt;
  if (!isUuid(*text)) failKind(*this, name, "a UUID");
  return toLowerAscii(*text);
}

std::vector<std::string> Object::uuids(std::string_view name) const {
  std::vector<std::string> ids;
  const auto list = array(name);
  if (!list) return ids;
  ids.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto text = list->string(i);
    if (!isUuid(text)) failKind(*this, name, "a list of UUIDs");
    ids.push_back(toLowerAscii(text));
  }
  return ids;
}

std::string Object::pathOf(std::string_view name) const { return joined(path_, name); }

void Object::fail(std::string_view name, std::string text) const {
  throw ModelError(pathOf(name), std::move(text));
}

std::size_t Array::size() const { return value_->size(); }

Object Array::object(std::size_t index) const {
  const auto& element = value_->at(index);
  if (!element.is_object()) throw ModelError(pathOf(index), "The element must be an object.");
  return {element, pathOf(index)};
}

std::string_view Array::string(std::size_t index) const {
  const auto& element = value_->at(index);
  if (!element.is_string()) throw ModelError(pathOf(index), "The element must be a string.");
  return element.get_ref<const std::string&>();
}

std::int64_t Array::integer(std::size_t index) const {
  const auto number = integerIn(value_->at(index));
  if (!number) throw ModelError(pathOf(index), "The element must be a whole number.");
  return *number;
}

Array Array::array(std::size_t index) const {
  const auto& element = value_->at(index);
  if (!element.is_array()) throw ModelError(pathOf(index), "The element must be a list.");
  return {element, pathOf(index)};
}

std::string Array::pathOf(std::size_t index) const {
  return path_ + "[" + std::to_string(index) + "]";
}

Document::Document(std::unique_ptr<const nlohmann::json> root) : root_(std::move(root)) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Document Document::parse(std::string_view text) {
  requireBounds(text);
  auto root = std::make_unique<const nlohmann::json>(
      nlohmann::json::parse(text.begin(), text.end(), nullptr, false));
  if (root->is_discarded()) failNotJson();
  return Document(std::move(root));
}

Object Document::object() const {
  if (!root_->is_object()) failNotAnObject();
  return {*root_, ""};
}

Array Document::array() const {
  if (!root_->is_array()) throw ModelError("", "The request body must be a JSON array.");
  return {*root_, ""};
}

}  // namespace coffer::vault::json
