// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_service.h"

#include "appliance/base/fault.h"
#include "appliance/outbound/url.h"

#include <Poco/Exception.h>
#include <Poco/RegularExpression.h>

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxPattern = 1000;
constexpr std::size_t kMaxHost = 253;
constexpr std::string_view kPlace = "{}";

const char* templateOf(std::string_view word) {
  if (word == "bitwarden") return "https://icons.bitwarden.net/{}/icon.png";
  if (word == "duckduckgo") return "https://icons.duckduckgo.com/ip3/{}.ico";
  if (word == "google") return "https://www.google.com/s2/favicons?domain={}&sz=32";
  return nullptr;
}

// It becomes part of a Location and of a Content-Security-Policy.
bool isClean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"',;<>\\^`|").find(c) == std::string::npos;
  });
}

}  // namespace

IconService parseIconService(const std::string& text) {
  if (text == "internal") return {};
  if (text == "off") return {IconService::Mode::Stored, {}, {}};
  const char* known = templateOf(text);
  const std::string url = known != nullptr ? known : text;
  const auto at = url.find(kPlace);
  IconService service{IconService::Mode::Redirect, url.substr(0, at), {}};
  if (at != std::string::npos) service.suffix = url.substr(at + kPlace.size());
  const bool isOnce = at != std::string::npos &&
                      service.suffix.find_first_of("{}") == std::string::npos &&
                      service.prefix.find_first_of("{}") == std::string::npos;
  if (!isOnce || !isClean(url) || !outbound::parseUrl(service.urlOf("example.org"))) {
    throw UsageError("icons.service: \"" + text +
                     "\" is none of internal, off, bitwarden, duckduckgo and google, and no http "
                     "or https URL with {} once in the place of the host");
  }
  return service;
}

std::vector<std::string> IconService::imageSources() const {
  if (mode != Mode::Redirect) return {};
  // A source has no query; where the host itself varies, only the scheme is left.
  std::string source = prefix.substr(0, prefix.find('?'));
  const bool hasHost = std::count(source.begin(), source.end(), '/') > 2;
  if (!hasHost) source.resize(source.find(':') + 1);
  std::vector<std::string> sources{source};
  if (source.starts_with("https://www.google.com/")) {
    sources.emplace_back("https://*.gstatic.com/favicon");  // Where it redirects to.
  }
  return sources;
}

BlockedHosts::BlockedHosts(const std::string& pattern) {
  if (pattern.empty()) return;
  const std::string name = "icons.blocked_pattern: ";
  if (pattern.size() > kMaxPattern) throw UsageError(name + "longer than 1000 characters");
  try {
    pattern_ = std::make_unique<const Poco::RegularExpression>(pattern);
  } catch (const Poco::Exception& e) {
    throw UsageError(name + "not a regular expression: " + e.displayText());
  }
}

BlockedHosts::~BlockedHosts() = default;

bool BlockedHosts::contains(const std::string& host) const {
  if (!pattern_) return false;
  if (host.size() > kMaxHost) return true;
  try {
    Poco::RegularExpression::Match found{};
    return pattern_->match(host, 0, found) > 0;
  } catch (const Poco::Exception&) {  // Too complex for this text.
    return true;
  }
}

}  // namespace coffer::vault
