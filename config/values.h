// SPDX-License-Identifier: BSD-2-Clause
//
// How each type of setting is written: Codec<T> for what is one word, and read()/write() between a
// Node and a value for everything, lists and maps included.
#pragma once

#include "config/enum_names.h"
#include "config/node.h"
#include "config/problems.h"
#include "config/settings.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coffer::config {

// Where a value that is being read stands; says what is wrong with it.
class Reader {
 public:
  Reader(Problems& problems, std::string source, std::string path)
      : problems_(problems), source_(std::move(source)), path_(std::move(path)) {}

  void error(const Node& at, const std::string& text) const;
  std::string place(const Node& at) const;    // "coffer.yaml:12" or the source's name.
  Reader below(std::string_view name) const;  // "listeners[0]" → "listeners[0].address".
  Reader item(std::size_t index) const;       // "listeners" → "listeners[0]".
  const std::string& path() const { return path_; }

 private:
  Problems& problems_;
  std::string source_;
  std::string path_;
};

// Codec<T>::type()             for people: "a size such as 10 GiB"
// Codec<T>::parse(text, value) false when the text is not of that type
// Codec<T>::format(value)      what parse() reads back to the same value
template <typename T>
struct Codec;

template <>
struct Codec<bool> {
  static std::string type() { return "true or false"; }
  static bool parse(std::string_view text, bool& value);
  static std::string format(bool value) { return value ? "true" : "false"; }
};

template <>
struct Codec<unsigned> {
  static std::string type() { return "a number"; }
  static bool parse(std::string_view text, unsigned& value);
  static std::string format(unsigned value) { return std::to_string(value); }
};

template <>
struct Codec<ByteSize> {
  static std::string type() { return "a size such as 10 GiB"; }
  static bool parse(std::string_view text, ByteSize& value);
  static std::string format(ByteSize value);  // Exact: in the largest unit that leaves no rest.
};

template <>
struct Codec<seconds> {
  static std::string type() { return "a duration such as 30s, 10m, 2h or 30d"; }
  static bool parse(std::string_view text, seconds& value);
  static std::string format(seconds value);
};

template <>
struct Codec<std::string> {
  static std::string type() { return "text"; }
  static bool parse(std::string_view text, std::string& value);  // Controls are refused.
  static std::string format(const std::string& value) { return value; }
};

template <>
struct Codec<Secret> {
  static std::string type() { return "a secret"; }
  static bool parse(std::string_view text, Secret& value);
  static std::string format(const Secret& value) { return value.empty() ? "" : "***"; }
};

template <typename E>
requires std::is_enum_v<E>
struct Codec<E> {
  static std::string type() {
    std::string words;
    for (const auto& [word, value] : EnumNames<E>::kAll) {
      if (!words.empty()) words += ", ";
      words += word;
    }
    return "one of " + words;
  }
  static bool parse(std::string_view text, E& out) {
    for (const auto& [word, value] : EnumNames<E>::kAll) {
      if (text != word) continue;
      out = value;
      return true;
    }
    return false;
  }
  static std::string format(E value) {
    for (const auto& [word, each] : EnumNames<E>::kAll) {
      if (each == value) return std::string(word);
    }
    return {};
  }
};

// The part of a value that range limits apply to.
inline std::uint64_t magnitude(unsigned value) { return value; }
inline std::uint64_t magnitude(ByteSize value) { return value.bytes; }
inline std::uint64_t magnitude(seconds value) { return static_cast<std::uint64_t>(value.count()); }

// read() changes `value` only when the node is one; otherwise it reports why it is not.
template <typename T>
bool read(const Node& node, T& value, const Reader& reader) {
  T parsed{};
  if (node.kind == Node::Kind::Scalar && Codec<T>::parse(node.text, parsed)) {
    value = std::move(parsed);
    return true;
  }
  std::string what = "must be " + Codec<T>::type();
  if (node.kind == Node::Kind::Null) what += "; to keep the default, leave the key out";
  if (node.kind == Node::Kind::Scalar && !std::is_same_v<T, Secret>) {
    what += ", not \"" + log::escaped(node.text.substr(0, 80)) + '"';
  }
  reader.error(node, what);
  return false;
}

template <typename T>
Node write(const T& value) {
  return Node::scalar(Codec<T>::format(value));
}

bool read(const Node& node, ListenerSettings& value, const Reader& reader);
Node write(const ListenerSettings& value);

// "alice@team/**=append", or a map with user, repository and access.
bool read(const Node& node, ResticRule& value, const Reader& reader);
Node write(const ResticRule& value);

// "a, b, c" as a list, "a=1, b=2" as a map. Empty text is empty. Nothing when an '=' is missing.
Node splitList(const Node& text);
std::optional<Node> splitMap(const Node& text);

template <typename T>
bool read(const Node& node, std::vector<T>& value, const Reader& reader) {
  if (node.kind == Node::Kind::Scalar) return read(splitList(node), value, reader);
  if (node.kind != Node::Kind::List) {
    reader.error(node, "must be a list");
    return false;
  }
  std::vector<T> items(node.items.size());
  bool good = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    good = read(node.items[i], items[i], reader.item(i)) && good;
  }
  if (good) value = std::move(items);
  return good;
}

template <typename T>
Node write(const std::vector<T>& value) {
  Node node = Node::list();
  for (const T& item : value) node.items.push_back(write(item));
  return node;
}

template <typename T>
bool read(const Node& node, std::map<std::string, T>& value, const Reader& reader) {
  if (node.kind == Node::Kind::Scalar) {
    const auto split = splitMap(node);
    if (split) return read(*split, value, reader);
  }
  if (node.kind != Node::Kind::Map) {
    reader.error(node, "must be a list of names with a value each, such as name=value");
    return false;
  }
  std::map<std::string, T> entries;
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    good = read(node.items[i], entries[node.keys[i]], reader.below(node.keys[i])) && good;
  }
  if (good) value = std::move(entries);
  return good;
}

template <typename T>
Node write(const std::map<std::string, T>& value) {
  Node node = Node::map();
  for (const auto& [key, item] : value) node.add(key, write(item));
  return node;
}

// What a setting of type T is called in help and reference.
template <typename T>
struct TypeName {
  static std::string text() { return Codec<T>::type(); }
};
template <typename T>
struct TypeName<std::vector<T>> {
  static std::string text() { return "a list"; }
};
template <>
struct TypeName<std::vector<ListenerSettings>> {
  static std::string text() { return "a list of listeners"; }
};
template <>
struct TypeName<std::vector<ResticRule>> {
  static std::string text() { return "a list of rules"; }
};
template <typename T>
struct TypeName<std::map<std::string, T>> {
  static std::string text() { return "name=value pairs, each value " + Codec<T>::type(); }
};

}  // namespace coffer::config
