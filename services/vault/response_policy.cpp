// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/response_policy.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/icons/icon_service.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEveryAnswer{{
    {"Cache-Control", "no-cache, no-store, max-age=0"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-XSS-Protection", "0"},
    {"X-Robots-Tag", "noindex, nofollow"},
    // Not in the list, because clients need them: public-key credentials and the clipboard.
    {"Permissions-Policy",
     "accelerometer=(), ambient-light-sensor=(), autoplay=(), battery=(), camera=(), "
     "display-capture=(), document-domain=(), encrypted-media=(), "
     "execution-while-not-rendered=(), execution-while-out-of-viewport=(), fullscreen=(), "
     "geolocation=(), gyroscope=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), "
     "payment=(), picture-in-picture=(), screen-wake-lock=(), sync-xhr=(), usb=(), web-share=(), "
     "xr-spatial-tracking=()"},
}};

constexpr std::string_view kDataPolicy = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kImagePolicy =
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'none'; "
    "frame-src 'none'; object-src 'none'";

// Safari's extension, and the desktop client since 2026.
constexpr std::array<std::string_view, 2> kClientOrigins{"file://", "bw-desktop-file://bundle"};

constexpr std::array<std::string_view, 8> kProtocolFolders{
    "api", "identity", "icons", "notifications", "events", "attachments", "alive", "sends"};

constexpr std::string_view kPreflightSeconds = "86400";

std::string_view headerOf(const http::Response& response, std::string_view name) {
  const auto& headers = response.headers();
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return equalsIgnoringCase(header.first, name);
  });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

void addMissing(http::Response& response, std::string_view name, std::string_view value) {
  if (headerOf(response, name).empty()) response.header(name, value);
}

// "a b" of what would end the directive or the header, it throws.
std::string listed(const Words& sources, const std::string& setting) {
  std::string list;
  for (const auto& source : sources) {
    const bool isClean = !source.empty() && std::all_of(source.begin(), source.end(), [](char c) {
      return c > 0x20 && c < 0x7f && c != ';' && c != ',';
    });
    if (!isClean) throw UsageError(setting + ": \"" + source + "\" is not one source");
    list += " " + source;
  }
  return list;
}

// "wss://host" for "https://host": some browsers do not count it as 'self'. "" for a host that
// cannot stand in a policy.
std::string socketSource(std::string_view origin) {
  const bool isSecure = origin.starts_with("https://");
  const auto colon = origin.find("://");
  if (colon == std::string_view::npos) return {};
  const auto host = origin.substr(colon + 3);
  const bool isClean = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-:[]").find(c) != std::string_view::npos;
  });
  if (!isClean || host.empty()) return {};
  return (isSecure ? " wss://" : " ws://") + std::string(host);
}

bool isConnector(std::string_view path) {
  return path.ends_with("connector.html") && !isProtocolPath(path);
}

}  // namespace

ResponsePolicy::ResponsePolicy(const VaultOptions& options) : origin_(options.origin) {
  const auto& web = options.webVault;
  const std::string images =
      listed(parseIconService(options.icons.service).imageSources(), "icons.service");
  pagePolicy_ =
      "default-src 'none'; font-src 'self'; manifest-src 'self'; base-uri 'self'; "
      "form-action 'self'; media-src 'self'; object-src 'self' blob:; "
      "script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
      "child-src 'self' https://*.duosecurity.com https://*.duofederal.com; "
      "frame-src 'self' https://*.duosecurity.com https://*.duofederal.com; "
      "frame-ancestors 'self' chrome-extension://nngceckbapebfimnlniiiahkandclblb "
      "chrome-extension://jbkfoedolllekgbhcbcoahefnbanhhlh moz-extension://*" +
      listed(web.frameAncestors, "web_vault.frame_ancestors") +
      "; img-src 'self' data: https://haveibeenpwned.com" + images +
      "; connect-src 'self' https://api.pwnedpasswords.com https://api.2fa.directory "
      "https://app.simplelogin.io/api/ https://app.addy.io/api/ https://api.fastmail.com/ "
      "https://api.forwardemail.net" +
      listed(web.connectSources, "web_vault.connect_sources");
}

std::string ResponsePolicy::pagePolicy(const http::Request& request) const {
  return pagePolicy_ + socketSource(origin_.empty() ? request.origin() : origin_);
}

void ResponsePolicy::addSecurityHeaders(const http::Request& request,
                                        http::Response& response) const {
  if (response.status() == 101) return;
  for (const auto& [name, value] : kEveryAnswer) addMissing(response, name, value);
  const auto path = request.path();
  const bool isImage =
      headerOf(response, "Content-Type").starts_with("image/") || path.starts_with("/icons/");
  if (!isImage) addMissing(response, "Cross-Origin-Resource-Policy", "same-origin");
  if (isConnector(path)) return;
  addMissing(response, "X-Frame-Options", "SAMEORIGIN");
  if (isImage) {
    addMissing(response, "Content-Security-Policy", kImagePolicy);
  } else if (isProtocolPath(path)) {
    addMissing(response, "Content-Security-Policy", kDataPolicy);
  } else {
    addMissing(response, "Content-Security-Policy", pagePolicy(request));
  }
}

void addCrossOriginHeaders(const http::Request& request, std::string_view ownOrigin,
                           http::Response& response) {
  // Also for requests without an Origin: a cache must not hand their answer to one that has it.
  response.header("Vary", "Origin");
  const auto origin = request.header("Origin");
  const bool isAllowed = !origin.empty() && (origin == ownOrigin ||
                                             std::find(kClientOrigins.begin(), kClientOrigins.end(),
                                                       origin) != kClientOrigins.end());
  if (!isAllowed) return;

  response.header("Access-Control-Allow-Origin", origin);
  response.header("Access-Control-Allow-Credentials", "true");
  if (request.method() != http::Method::Options) return;
  const auto echo = [&](std::string_view asked, std::string_view answered) {
    if (const auto value = request.header(asked); !value.empty()) response.header(answered, value);
  };
  echo("Access-Control-Request-Method", "Access-Control-Allow-Methods");
  echo("Access-Control-Request-Headers", "Access-Control-Allow-Headers");
  response.header("Access-Control-Max-Age", kPreflightSeconds);
}

bool isProtocolPath(std::string_view path) {
  const auto first = path.substr(1, path.find('/', 1) - 1);
  return std::find(kProtocolFolders.begin(), kProtocolFolders.end(), first) !=
         kProtocolFolders.end();
}

}  // namespace coffer::vault
