// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/relying_party.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::vault {
namespace {

// vault-extras 4.6. The list that clients are served with has each with and without a slash.
constexpr std::array<std::string_view, 4> kExtensionOrigins{
    "chrome-extension://nngceckbapebfimnlniiiahkandclblb",
    "chrome-extension://hccnnhgbibccigepcmlgppchkpfdophk",
    "chrome-extension://jbkfoedolllekgbhcbcoahefnbanhhlh",
    "chrome-extension://ccnckbpmaceehanjmeomladnmlffdjgn"};

struct Origin {
  std::string scheme;
  std::string host;  // An IPv6 address in its brackets.
  std::string port;  // "" for the scheme's own.
};

std::optional<Origin> parseOrigin(std::string_view url) {
  const std::string text = toLowerAscii(url);
  const auto colon = text.find("://");
  if (colon == std::string::npos) return std::nullopt;
  Origin origin{text.substr(0, colon), {}, {}};
  std::string authority = text.substr(colon + 3);
  authority.resize(std::min(authority.find('/'), authority.size()));
  const auto end = authority.starts_with('[') ? authority.find(']') : authority.rfind(':');
  const auto port = authority.find(':', std::min(end, authority.size()));
  origin.host = authority.substr(0, port);
  if (port != std::string::npos) origin.port = authority.substr(port + 1);
  if (origin.port == (origin.scheme == "https" ? "443" : "80")) origin.port.clear();
  if (origin.host.empty()) return std::nullopt;
  return origin;
}

bool isIpAddress(const std::string& host) {
  in_addr address{};
  return host.starts_with('[') || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

}  // namespace

std::optional<RelyingParty> findRelyingParty(const VaultContext& context,
                                             const http::Request& request) {
  const std::string address = baseUrl(context, request);
  const auto origin = parseOrigin(address);
  if (!origin || isIpAddress(origin->host)) return std::nullopt;
  const std::string port = origin->port.empty() ? "" : ":" + origin->port;
  return RelyingParty{origin->host, origin->scheme + "://" + origin->host + port, address,
                      address + "/app-id.json"};
}

RelyingParty relyingParty(const VaultContext& context, const http::Request& request) {
  auto party = findRelyingParty(context, request);
  if (!party) throw BadRequest("Security keys and passkeys need the vault to have a host name.");
  return std::move(*party);
}

bool canUseWebAuthn(const VaultOptions& options) {
  if (options.origin.empty()) return true;
  const auto origin = parseOrigin(options.origin);
  return origin && !isIpAddress(origin->host);
}

bool isAllowedOrigin(const RelyingParty& party, std::string_view origin) {
  if (origin == party.origin) return true;
  if (origin.ends_with('/')) origin.remove_suffix(1);
  return std::find(kExtensionOrigins.begin(), kExtensionOrigins.end(), origin) !=
         kExtensionOrigins.end();
}

}  // namespace coffer::vault
