// SPDX-License-Identifier: BSD-2-Clause
#include "config/values.h"

#include "appliance/base/bytes.h"

#include <algorithm>
#include <array>
#include <limits>

namespace coffer::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array<Unit, 4> kTimeUnits = {{{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}}};
constexpr std::array<Unit, 4> kSizeUnits = {
    {{" TiB", 1024 * GiB}, {" GiB", GiB}, {" MiB", MiB}, {" KiB", KiB}}};
constexpr std::uint64_t kLongestDuration = 100ULL * 365 * 86'400;

bool hasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

std::string Reader::place(const Node& at) const {
  return at.line > 0 ? source_ + ':' + std::to_string(at.line) : source_;
}

void Reader::error(const Node& at, const std::string& text) const {
  problems_.add({Severity::Error, place(at), path_, text});
}

Reader Reader::below(std::string_view name) const {
  return Reader(problems_, source_, path_ + '.' + log::escaped(name.substr(0, 80)));
}

Reader Reader::item(std::size_t index) const {
  return Reader(problems_, source_, path_ + '[' + std::to_string(index) + ']');
}

bool Codec<bool>::parse(std::string_view text, bool& value) {
  for (const std::string_view word : {"true", "yes", "on", "1"}) {
    if (equalsIgnoringCase(text, word)) return value = true;
  }
  for (const std::string_view word : {"false", "no", "off", "0"}) {
    if (!equalsIgnoringCase(text, word)) continue;
    value = false;
    return true;
  }
  return false;
}

bool Codec<unsigned>::parse(std::string_view text, unsigned& value) {
  const auto number = parseUnsigned(text);
  if (!number || *number > std::numeric_limits<unsigned>::max()) return false;
  value = static_cast<unsigned>(*number);
  return true;
}

bool Codec<ByteSize>::parse(std::string_view text, ByteSize& value) {
  const auto bytes = parseByteSize(text);
  if (bytes) value.bytes = *bytes;
  return bytes.has_value();
}

std::string Codec<ByteSize>::format(ByteSize value) {
  for (const Unit& unit : kSizeUnits) {
    if (value.bytes == 0 || value.bytes % unit.size != 0) continue;
    return std::to_string(value.bytes / unit.size) + std::string(unit.name);
  }
  return std::to_string(value.bytes);
}

bool Codec<seconds>::parse(std::string_view text, seconds& value) {
  if (text == "0") {
    value = seconds(0);
    return true;
  }
  for (const Unit& unit : kTimeUnits) {
    if (!text.ends_with(unit.name)) continue;
    const auto count = parseUnsigned(trim(text.substr(0, text.size() - unit.name.size())));
    if (!count || *count > kLongestDuration / unit.size) return false;
    value = seconds(static_cast<seconds::rep>(*count * unit.size));
    return true;
  }
  return false;
}

std::string Codec<seconds>::format(seconds value) {
  const auto count = magnitude(value);
  for (const Unit& unit : kTimeUnits) {
    if (count == 0 || count % unit.size != 0) continue;
    return std::to_string(count / unit.size) + std::string(unit.name);
  }
  return "0";
}

bool Codec<std::string>::parse(std::string_view text, std::string& value) {
  if (hasControls(text)) return false;
  value = text;
  return true;
}

bool Codec<Secret>::parse(std::string_view text, Secret& value) {
  if (hasControls(text)) return false;
  value = Secret(std::string(text));
  return true;
}

Node splitList(const Node& text) {
  Node list = Node::list();
  list.line = text.line;
  std::string_view rest = trim(text.text);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    Node item = Node::scalar(std::string(trim(rest.substr(0, comma))));
    item.line = text.line;
    list.items.push_back(std::move(item));
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  return list;
}

std::optional<Node> splitMap(const Node& text) {
  Node map = Node::map();
  map.line = text.line;
  for (Node& item : splitList(text).items) {
    const auto equals = item.text.rfind('=');  // A value never has one; a name may.
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    std::string key(trim(std::string_view(item.text).substr(0, equals)));
    item.text = trim(std::string_view(item.text).substr(equals + 1));
    map.add(std::move(key), std::move(item));
  }
  return map;
}

}  // namespace coffer::config
