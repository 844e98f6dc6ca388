// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/response_policy.h"

#include "appliance/base/bytes.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kSecurityHeaders{{
    {"Cache-Control", "no-cache, no-store, max-age=0"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"X-Frame-Options", "SAMEORIGIN"},
    {"X-XSS-Protection", "0"},
    {"X-Robots-Tag", "noindex, nofollow"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

// Safari's extension, and the desktop client since 2026.
constexpr std::array<std::string_view, 2> kClientOrigins{"file://", "bw-desktop-file://bundle"};

bool hasHeader(const http::Response& response, std::string_view name) {
  return std::any_of(response.headers().begin(), response.headers().end(),
                     [&](const auto& header) { return equalsIgnoringCase(header.first, name); });
}

}  // namespace

void addSecurityHeaders(http::Response& response) {
  for (const auto& [name, value] : kSecurityHeaders) {
    if (!hasHeader(response, name)) response.header(name, value);
  }
}

void addCrossOriginHeaders(const http::Request& request, std::string_view ownOrigin,
                           http::Response& response) {
  const auto origin = request.header("Origin");
  if (origin.empty()) return;
  response.header("Vary", "Origin");
  const bool isAllowed =
      origin == ownOrigin ||
      std::find(kClientOrigins.begin(), kClientOrigins.end(), origin) != kClientOrigins.end();
  if (!isAllowed) return;

  response.header("Access-Control-Allow-Origin", origin);
  response.header("Access-Control-Allow-Credentials", "true");
  if (request.method() != http::Method::Options) return;
  const auto echo = [&](std::string_view asked, std::string_view answered) {
    if (const auto value = request.header(asked); !value.empty()) response.header(answered, value);
  };
  echo("Access-Control-Request-Method", "Access-Control-Allow-Methods");
  echo("Access-Control-Request-Headers", "Access-Control-Allow-Headers");
}

}  // namespace coffer::vault
