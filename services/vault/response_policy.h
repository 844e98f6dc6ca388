// SPDX-License-Identifier: BSD-2-Clause
//
// What every answer of the vault carries besides its content: headers against misuse by browsers,
// and cross-origin permission for the few clients that need it (vault-extras 10.3, 10.4).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_options.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// Threads: any.
class ResponsePolicy {
 public:
  // Throws UsageError for sources in the options that cannot stand in a policy.
  explicit ResponsePolicy(const VaultOptions& options);

  // Adds each header only where the response has none of that name. Three kinds of answers differ:
  // images may be embedded anywhere (the desktop application does), the connector pages of the web
  // vault are framed by extensions, and files of the web vault may do what that application does.
  void addSecurityHeaders(const http::Request& request, http::Response& response) const;

 private:
  std::string pagePolicy(const http::Request& request) const;

  std::string pagePolicy_;  // Up to and with connect-src, which the own host is added to.
  const std::string origin_;
};

// Allows the request's Origin when it is the server's own (`ownOrigin`, "https://host"), the
// desktop client's or Safari's; does nothing for any other. Answers what a preflight asks.
void addCrossOriginHeaders(const http::Request& request, std::string_view ownOrigin,
                           http::Response& response);

// True for paths below the mount that are the protocol's, where no file of a web vault is looked
// for: "/api/…", "/identity/…", …
[[nodiscard]] bool isProtocolPath(std::string_view path);

}  // namespace coffer::vault
