// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/target.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr std::size_t kMaxSegments = 64;

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool mayBeSegment(const std::string& text) {
  if (text == "." || text == "..") return false;
  const bool clean = std::none_of(text.begin(), text.end(),
                                  [](char c) { return isControl(c) || c == '/' || c == '\\'; });
  return clean && isUtf8(text);
}

std::string decodedOrVerbatim(std::string_view text) {
  auto decoded = percentDecode(text, true);
  return decoded ? std::move(*decoded) : std::string(text);
}

}  // namespace

TargetParts splitTarget(std::string_view target) {
  if (!target.empty() && target.front() != '/') {
    const auto scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const auto end = target.find_first_of("/?", scheme + 3);
      target = end == std::string_view::npos ? std::string_view{} : target.substr(end);
    }
  }
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string_view> pathBelow(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (path.empty()) return "/";
  if (path.front() != '/') return std::nullopt;
  return path;
}

std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hexValue(text[i + 1]);
      const int low = hexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plusIsSpace && c == '+' ? ' ' : c);
    }
  }
  return out;
}

std::vector<std::string> decodeSegments(std::string_view path) {
  if (path.empty() || path.front() != '/') throw NotFound("Not Found", "path without a slash");
  std::vector<std::string> segments;
  bool forbidden = false;
  do {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    auto segment = percentDecode(path.substr(0, end));
    if (!segment) throw BadRequest("Bad Request", "broken percent escape in the path");
    path.remove_prefix(end);
    const bool emptyInside = segment->empty() && !path.empty();
    forbidden = forbidden || emptyInside || !mayBeSegment(*segment);
    if (segments.size() == kMaxSegments) throw NotFound("Not Found", "too many path segments");
    segments.push_back(std::move(*segment));
  } while (!path.empty());
  if (forbidden) throw NotFound("Not Found", "forbidden path segment");
  return segments;
}

std::optional<std::string> findQueryParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (decodedOrVerbatim(pair.substr(0, equals)) != name) continue;
    return decodedOrVerbatim(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

}  // namespace coffer::http
