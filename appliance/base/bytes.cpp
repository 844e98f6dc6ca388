// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace coffer {
namespace {

constexpr std::string_view kStandardAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using DecodeTable = std::array<std::int8_t, 256>;

constexpr DecodeTable makeTable(std::string_view alphabet) {
  DecodeTable table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr DecodeTable kStandardTable = makeTable(kStandardAlphabet);
constexpr DecodeTable kUrlTable = makeTable(kUrlAlphabet);

std::uint32_t byteAt(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t v =
        (byteAt(bytes, i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) out += alphabet[(v >> shift) & 63];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return out;
  std::uint32_t v = byteAt(bytes, i) << 16;
  if (rest == 2) v |= byteAt(bytes, i + 1) << 8;
  out += alphabet[(v >> 18) & 63];
  out += alphabet[(v >> 12) & 63];
  if (rest == 2) out += alphabet[(v >> 6) & 63];
  if (padded) out.append(3 - rest, '=');
  return out;
}

// The characters that carry data, or nothing when padding or length is wrong.
std::optional<std::string_view> withoutPadding(std::string_view text, bool paddingRequired) {
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  if ((paddingRequired || padding > 0) && text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(padding);
  if (text.size() % 4 == 1) return std::nullopt;
  return text;
}

bool allIn(std::string_view text, const DecodeTable& table) {
  for (const char c : text) {
    if (table[static_cast<unsigned char>(c)] < 0) return false;
  }
  return true;
}

std::optional<std::string> decode(std::string_view text, const DecodeTable& table,
                                  bool paddingRequired) {
  const auto data = withoutPadding(text, paddingRequired);
  if (!data || !allIn(*data, table)) return std::nullopt;
  std::string out;
  out.reserve(data->size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : *data) {
    bits = (bits << 6) | static_cast<std::uint32_t>(table[static_cast<unsigned char>(c)]);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  return out;
}

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string toHex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto v = static_cast<unsigned char>(c);
    out += digits[v >> 4];
    out += digits[v & 15];
  }
  return out;
}

std::optional<std::string> fromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hexValue(text[i]);
    const int low = hexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string toBase64(std::string_view bytes) { return encode(bytes, kStandardAlphabet, true); }
std::string toBase64Url(std::string_view bytes) { return encode(bytes, kUrlAlphabet, false); }

std::optional<std::string> fromBase64(std::string_view text) {
  return decode(text, kStandardTable, true);
}

std::optional<std::string> fromBase64Url(std::string_view text) {
  return decode(text, kUrlTable, false);
}

bool isBase64(std::string_view text) {
  const auto data = withoutPadding(text, true);
  return data && allIn(*data, kStandardTable);
}

std::optional<std::uint64_t> parseUnsigned(std::string_view digits) {
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parseByteSize(std::string_view text) {
  text = trim(text);
  std::size_t end = 0;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
  const std::string_view number = text.substr(0, end);
  const std::string unit = toLowerAscii(trim(text.substr(end)));
  if (unit.empty()) return parseUnsigned(number);

  constexpr std::string_view prefixes = "kmgtp";
  int power = 0;
  double base = 1024;
  if (unit != "b") {
    const auto at = prefixes.find(unit.front());
    if (at == std::string_view::npos) return std::nullopt;
    power = static_cast<int>(at) + 1;
    const std::string_view rest = std::string_view(unit).substr(1);
    if (rest == "b") {
      base = 1000;
    } else if (!rest.empty() && rest != "ib" && rest != "i") {
      return std::nullopt;
    }
  }
  double value = 0;
  const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || stop != number.data() + number.size()) return std::nullopt;
  value *= std::pow(base, power);
  if (!(value >= 0) || value >= 9.2e18) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::string formatByteSize(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.2f %s", value, units[unit]);
  return text.data();
}

bool isUtf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    int more = 0;
    std::uint32_t minimum = 0;
    std::uint32_t point = 0;
    if ((first & 0xE0) == 0xC0) {
      more = 1, minimum = 0x80, point = first & 0x1F;
    } else if ((first & 0xF0) == 0xE0) {
      more = 2, minimum = 0x800, point = first & 0x0F;
    } else if ((first & 0xF8) == 0xF0) {
      more = 3, minimum = 0x10000, point = first & 0x07;
    } else {
      return false;
    }
    if (text.size() - i <= static_cast<std::size_t>(more)) return false;
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0) != 0x80) return false;
      point = (point << 6) | (next & 0x3Fu);
    }
    if (point < minimum || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

std::string toLowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace coffer
