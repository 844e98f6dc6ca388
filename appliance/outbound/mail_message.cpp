// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/mail_message.h"

#include "appliance/base/bytes.h"
#include "appliance/base/random.h"

#include <Poco/Net/QuotedPrintableEncoder.h>

#include <algorithm>
#include <sstream>

namespace coffer::outbound {
namespace {

constexpr std::size_t kMaxAddress = 254;
constexpr std::size_t kMaxLocalPart = 64;
// RFC 2047: 76 characters a line with an encoded word, of which "Subject: =?UTF-8?B?" and "?=" are
// 21; 39 bytes become 52 characters of base64.
constexpr std::size_t kBytesOfEncodedWord = 39;
constexpr std::size_t kLongestPlainHeader = 60;

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isAtomCharacter(char c) {
  return isAlphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// `isAllowed` characters with single dots between them.
template <typename Predicate>
bool isDotted(std::string_view text, Predicate isAllowed) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return c == '.' || isAllowed(c); });
}

std::string withoutControls(std::string_view text) {
  std::string out(isUtf8(text) ? text : std::string_view("?"));
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

// Length of the longest prefix of at most `limit` bytes that does not cut a character.
std::size_t wholeCharacters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

std::string encodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t count = wholeCharacters(text, kBytesOfEncodedWord);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + toBase64(text.substr(0, count)) + "?=";
    text.remove_prefix(count);
  }
  return out;
}

// A value that is free text, such as a subject.
std::string encodedText(std::string_view raw) {
  const std::string text = withoutControls(raw);
  const bool isPlain = text.size() <= kLongestPlainHeader && text.find("=?") == std::string::npos &&
                       std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20; });
  return isPlain ? text : encodedWords(text);
}

// A name in front of "<address>".
std::string encodedName(std::string_view raw) {
  const std::string text = withoutControls(raw);
  const bool isPlain = text.size() <= kLongestPlainHeader &&
                       std::all_of(text.begin(), text.end(),
                                   [](char c) { return isAtomCharacter(c) || c == ' '; }) &&
                       text.find("=?") == std::string::npos;
  return isPlain ? "\"" + text + "\"" : encodedWords(text);
}

std::string withCrlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out += '\r';
    out += c;
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

void appendPart(std::string& out, const std::string& boundary, std::string_view type,
                std::string_view text) {
  std::ostringstream encoded;
  Poco::Net::QuotedPrintableEncoder encoder(encoded);
  encoder << withCrlf(text);
  encoder.close();
  out.append("--" + boundary + "\r\nContent-Type: ").append(type).append("; charset=utf-8\r\n");
  out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + encoded.str() + "\r\n";
}

// RFC 5322 wants the zone as a number.
std::string mailDate(UnixMicros time) {
  std::string date = formatHttpDate(time);
  return date.replace(date.size() - 3, 3, "+0000");
}

}  // namespace

bool isMailAddress(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kMaxAddress || at > kMaxLocalPart) return false;
  const auto isHostCharacter = [](char c) { return isAlphanumeric(c) || c == '-'; };
  return isDotted(text.substr(0, at), isAtomCharacter) &&
         isDotted(text.substr(at + 1), isHostCharacter);
}

std::string composeMail(const MailMessage& message) {
  const std::string boundary = "=_" + randomAlphanumeric(32);
  const std::string domain = message.from.substr(message.from.rfind('@') + 1);
  std::string out;
  const auto header = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  header("From", message.fromName.empty()
                     ? message.from
                     : encodedName(message.fromName) + "\r\n <" + message.from + ">");
  header("To", message.to);
  header("Subject", encodedText(message.subject));
  header("Date", mailDate(message.date));
  header("Message-ID", "<" + message.id + "@" + domain + ">");
  header("Auto-Submitted", "auto-generated");
  header("MIME-Version", "1.0");
  header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + "\"");
  out += "\r\n";
  appendPart(out, boundary, "text/plain", message.plain);
  appendPart(out, boundary, "text/html", message.html);
  return out + "--" + boundary + "--\r\n";
}

}  // namespace coffer::outbound
