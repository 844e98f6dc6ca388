// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/writer.h"

#include <array>
#include <charconv>
#include <chrono>

namespace coffer::vault::json {
namespace {

// RFC 8259 section 7: the quote, the backslash and everything below a space.
constexpr bool mustEscape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

void appendEscape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

// Writes `value` with leading zeros into the `count` characters at `at`.
void putDigits(char* at, int count, std::int64_t value) {
  for (int i = count - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void appendQuoted(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!mustEscape(text[i])) continue;
    out.append(text.substr(done, i - done));
    appendEscape(out, text[i]);
    done = i + 1;
  }
  out.append(text.substr(done));
  out.push_back('"');
}

void appendDate(std::string& out, UnixMicros time) {
  // By hand, since a sync writes two of these for every item.
  const std::chrono::sys_time<std::chrono::microseconds> point{std::chrono::microseconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto micros = (point - day).count();
  std::array<char, 29> text = {'"', '0', '0', '0', '0', '-', '0', '0', '-', '0',
                               '0', 'T', '0', '0', ':', '0', '0', ':', '0', '0',
                               '.', '0', '0', '0', '0', '0', '0', 'Z', '"'};
  putDigits(&text[1], 4, static_cast<int>(date.year()));
  putDigits(&text[6], 2, static_cast<unsigned>(date.month()));
  putDigits(&text[9], 2, static_cast<unsigned>(date.day()));
  putDigits(&text[12], 2, micros / kHour);
  putDigits(&text[15], 2, micros / kMinute % 60);
  putDigits(&text[18], 2, micros / kSecond % 60);
  putDigits(&text[21], 6, micros % kSecond);
  out.append(text.data(), text.size());
}

Writer& Writer::key(std::string_view name) {
  separate();
  out_.push_back('"');
  out_.append(name);
  out_ += "\":";
  comma_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  appendQuoted(out_, text);
  comma_ = true;
  return *this;
}

Writer& Writer::date(UnixMicros time) {
  separate();
  appendDate(out_, time);
  comma_ = true;
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_.append(json);
  comma_ = true;
  return *this;
}

Writer& Writer::rawMembers(std::string_view members) {
  return members.empty() ? *this : raw(members);
}

Writer& Writer::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

Writer& Writer::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

}  // namespace coffer::vault::json
