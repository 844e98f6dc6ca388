// SPDX-License-Identifier: BSD-2-Clause
#include "config/fields.h"

#include "config/describe.h"

#include <algorithm>

namespace coffer::config {
namespace {

template <typename T>
constexpr bool kIsContainer = false;
template <typename T>
constexpr bool kIsContainer<std::vector<T>> = true;
template <typename T>
constexpr bool kIsContainer<std::map<std::string, T>> = true;

template <typename T>
T ofMagnitude(std::uint64_t magnitude) {
  if constexpr (std::is_same_v<T, ByteSize>) {
    return ByteSize{magnitude};
  } else if constexpr (std::is_same_v<T, seconds>) {
    return seconds(static_cast<seconds::rep>(magnitude));
  } else {
    return static_cast<T>(magnitude);
  }
}

template <typename T>
std::string rangeText(Range range) {
  return "from " + Codec<T>::format(ofMagnitude<T>(range.low)) + " to " +
         Codec<T>::format(ofMagnitude<T>(range.high));
}

// Makes the rows.
class Collector {
 public:
  void group(const char* name, const char* help) { table.groups.push_back({name, help}); }

  template <typename T>
  void field(const char* path, T& value, const char* help) {
    Field row;
    row.path = path;
    row.group = table.groups.back().name;
    row.help = help;
    row.type = TypeName<T>::text();
    row.isSwitch = std::is_same_v<T, bool>;
    row.isSecret = std::is_same_v<T, Secret>;
    row.isRepeatable = kIsContainer<T>;
    row.read = [&value](const Node& node, const Reader& reader) {
      return read(node, value, reader);
    };
    row.write = [&value] { return write(value); };
    table.fields.push_back(std::move(row));
  }

  template <typename T>
  void field(const char* path, T& value, Range range, const char* help) {
    field(path, value, help);
    Field& row = table.fields.back();
    row.type += ", " + rangeText<T>(range);
    row.read = [&value, range](const Node& node, const Reader& reader) {
      T candidate{};
      if (!read(node, candidate, reader)) return false;
      if (magnitude(candidate) < range.low || magnitude(candidate) > range.high) {
        reader.error(node, "must be " + rangeText<T>(range) + ", not " + node.text);
        return false;
      }
      value = candidate;
      return true;
    };
  }

  FieldTable table;
};

// A listener in one line: its address and what is on it.
std::string summary(const Node& listener) {
  std::string address;
  std::string mounts;
  for (std::size_t i = 0; i < listener.items.size(); ++i) {
    if (listener.keys[i] == "address") address = listener.items[i].text;
    if (listener.keys[i] == "mounts") mounts = inOneLine(listener.items[i]);
  }
  return address.empty() ? std::string() : address + " (" + mounts + ')';
}

}  // namespace

std::string Field::key() const {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string Field::flag() const {
  if (path == "listeners") return "--listen";  // It takes one at a time.
  std::string name = "--" + path + (isSecret ? "-file" : "");
  std::replace_if(
      name.begin() + 2, name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

std::string Field::environment() const {
  if (path == "listeners") return "COFFER_LISTEN";
  std::string name = "COFFER_" + path;
  for (char& c : name) {
    if (c == '.') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

const Field* FieldTable::find(std::string_view path) const {
  const auto at = std::find_if(fields.begin(), fields.end(),
                               [&](const Field& field) { return field.path == path; });
  return at == fields.end() ? nullptr : &*at;
}

FieldTable fieldsOf(Settings& settings) {
  Collector collector;
  describe(settings, collector);
  return std::move(collector.table);
}

std::vector<FieldDescription> describeFields() {
  Settings defaults;
  std::vector<FieldDescription> all;
  for (const Field& field : fieldsOf(defaults).fields) {
    all.push_back({field.path, field.group, field.flag(), field.environment(), field.help,
                   field.type, inOneLine(field.write()), field.isSwitch, field.isSecret,
                   field.isRepeatable});
  }
  return all;
}

std::string inOneLine(const Node& node) {
  if (node.kind == Node::Kind::Scalar) return node.text;
  std::string line;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i != 0) line += ", ";
    const std::string listener = node.kind == Node::Kind::List ? summary(node.items[i]) : "";
    if (node.kind == Node::Kind::Map) line += node.keys[i] + '=';
    line += listener.empty() ? inOneLine(node.items[i]) : listener;
  }
  return line;
}

}  // namespace coffer::config
