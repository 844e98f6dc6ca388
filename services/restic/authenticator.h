// SPDX-License-Identifier: BSD-2-Clause
//
// Who is calling the restic service. In this order:
//   1. nobody is asked (no-auth): the user is "";
//   2. the common name of a verified client certificate, where that is enabled;
//   3. the header that a proxy sets, where one is named: then nothing else counts, and a request
//      that carries it twice is refused, since the client may have sent one of them;
//   4. Basic credentials against the password file.
//
// Threads: safe from any thread.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/route.h"
#include "services/restic/credential_cache.h"
#include "services/restic/login_throttle.h"
#include "services/restic/user_file.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace coffer::restic {

struct AuthenticationOptions {
  bool noAuth = false;
  bool certificateUsers = true;
  std::string proxyHeader;  // "": none.
  // Believe that header from anybody who can connect, as rest-server does. Else only from the
  // trusted proxies of the HTTP core.
  bool proxyHeaderFromAnyone = false;
  std::string htpasswdFile;
  bool htpasswdRequired = false;  // A missing file is an error, not an empty one.

  std::chrono::seconds credentialLifetime{60};
  std::size_t maxCachedCredentials = 1024;
  unsigned failuresPerAddress = 0;  // Per failureWindow; 0: no limit (login_throttle.h).
  std::chrono::seconds failureWindow{60};
};

class Authenticator {
 public:
  // Throws UsageError when the password file cannot be read.
  explicit Authenticator(AuthenticationOptions options);

  // The user's name. Nothing when a password must be hashed first, which only happens on lanes
  // other than Hash. Throws Unauthorized. A failed login is logged, for people as
  //   Failed restic login from ADDRESS for user "NAME"
  // and before it in rest-server's words, which carry no address.
  std::optional<std::string> identify(const http::Request& request, http::Lane lane);

  bool asksNobody() const { return options_.noAuth; }
  std::uint64_t failures() const { return failures_; }  // Since the start.
  void reload();

 private:
  std::string proxyUser(const http::Request& request) const;
  std::optional<std::string> basicUser(const http::Request& request, http::Lane lane);
  [[noreturn]] void refuseLogin(const http::Request& request, const std::string& user);

  const AuthenticationOptions options_;
  std::unique_ptr<UserFile> users_;  // Null where nobody logs in by password.
  CredentialCache cache_;
  LoginThrottle throttle_;
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace coffer::restic
