// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/url.h"

#include "appliance/base/bytes.h"
#include "appliance/outbound/ip_address.h"

#include <algorithm>
#include <vector>

namespace coffer::outbound {
namespace {

constexpr std::size_t kMaxUrl = 8 * 1024;
constexpr std::size_t kMaxHost = 253;

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Without the brackets and the last dot. Nothing if it is not a host.
std::optional<std::string> parseHost(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    const auto literal = text.substr(1, text.size() - 2);
    if (literal.find(':') == std::string_view::npos || !parseIpAddress(literal)) {
      return std::nullopt;
    }
    return toLowerAscii(literal);
  }
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxHost || text.front() == '.') return std::nullopt;
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return isAlphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
  if (!clean || text.find("..") != std::string_view::npos) return std::nullopt;
  return toLowerAscii(text);
}

// Reads "host[:port]" into `url`.
bool parseAuthority(std::string_view text, Url& url) {
  std::string_view host = text;
  url.port = url.isSecure ? 443 : 80;
  const auto colon = text.rfind(':');
  const auto bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    host = text.substr(0, colon);
    if (const auto digits = text.substr(colon + 1); !digits.empty()) {
      const auto port = parseUnsigned(digits);
      if (!port || *port == 0 || *port > 65'535) return false;
      url.port = static_cast<std::uint16_t>(*port);
    }
  }
  auto parsed = parseHost(host);
  if (!parsed) return false;
  url.host = std::move(*parsed);
  return true;
}

std::string encodedTarget(std::string_view raw) {
  constexpr std::string_view kEncode = " \"<>\\^`{|}";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && kEncode.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0x0f];
    }
  }
  return out;
}

// RFC 3986 section 5.2.4, on a path that starts with "/".
std::string withoutDots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool endsInFolder = false;
  for (std::size_t start = 1; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto segment = path.substr(start, end - start);
    endsInFolder = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!endsInFolder) kept.push_back(segment);
    start = end + 1;
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(segment);
  return endsInFolder || out.empty() ? out + "/" : out;
}

// `raw` is a path that starts with "/", and its query.
std::string targetOf(std::string_view raw) {
  const auto query = std::min(raw.find('?'), raw.size());
  return encodedTarget(withoutDots(raw.substr(0, query)) + std::string(raw.substr(query)));
}

std::string_view withoutFragment(std::string_view text) { return text.substr(0, text.find('#')); }

// `rest` is what follows "scheme:"; it must start with "//".
std::optional<Url> parseAfterScheme(bool isSecure, std::string_view rest) {
  if (!rest.starts_with("//")) return std::nullopt;
  rest.remove_prefix(2);
  Url url;
  url.isSecure = isSecure;
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  if (!parseAuthority(rest.substr(0, end), url)) return std::nullopt;
  std::string target(rest.substr(end));
  if (!target.starts_with('/')) target.insert(0, "/");
  url.target = targetOf(target);
  return url;
}

bool isAcceptable(std::string_view text) {
  return text.size() <= kMaxUrl && std::none_of(text.begin(), text.end(), isControl);
}

// "mailto" of "mailto:…"; "" when the reference has no scheme.
std::string_view schemeOf(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find_first_of("/?") < colon) return {};
  return text.substr(0, colon);
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return hasDefaultPort() ? name : name + ":" + std::to_string(port);
}

std::string Url::text() const { return (isSecure ? "https://" : "http://") + authority() + target; }

std::optional<Url> parseUrl(std::string_view text) {
  if (!isAcceptable(text)) return std::nullopt;
  const auto scheme = schemeOf(text);
  const bool isSecure = equalsIgnoringCase(scheme, "https");
  if (!isSecure && !equalsIgnoringCase(scheme, "http")) return std::nullopt;
  return parseAfterScheme(isSecure, withoutFragment(text.substr(scheme.size() + 1)));
}

std::optional<Url> resolveUrl(const Url& base, std::string_view reference) {
  if (!isAcceptable(reference)) return std::nullopt;
  if (!schemeOf(reference).empty()) return parseUrl(reference);
  reference = withoutFragment(reference);
  if (reference.starts_with("//")) return parseAfterScheme(base.isSecure, reference);
  Url url = base;
  if (reference.empty()) return url;
  const std::string path = base.target.substr(0, base.target.find('?'));
  if (reference.front() == '/') {
    url.target = targetOf(reference);
  } else if (reference.front() == '?') {
    url.target = path + encodedTarget(reference);
  } else {
    url.target = targetOf(path.substr(0, path.rfind('/') + 1) + std::string(reference));
  }
  return url;
}

}  // namespace coffer::outbound
