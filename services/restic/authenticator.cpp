// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/authenticator.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "services/restic/basic_credentials.h"
#include "services/restic/password_hash.h"

#include <algorithm>

namespace coffer::restic {
namespace {

[[noreturn]] void refuse() { throw Unauthorized("Unauthorized"); }

}  // namespace

Authenticator::Authenticator(AuthenticationOptions options)
    : options_(std::move(options)),
      cache_(options_.credentialLifetime, options_.maxCachedCredentials),
      throttle_(options_.failuresPerAddress, options_.failureWindow) {
  if (options_.noAuth || !options_.proxyHeader.empty()) return;
  users_ = std::make_unique<UserFile>(options_.htpasswdFile, options_.htpasswdRequired
                                                                 ? UserFile::WhenMissing::Refuse
                                                                 : UserFile::WhenMissing::NoUsers);
}

std::optional<std::string> Authenticator::identify(const http::Request& request, http::Lane lane) {
  if (options_.noAuth) return std::string();
  if (options_.certificateUsers && !request.certificateName().empty()) {
    if (!isUserName(request.certificateName())) refuse();
    return request.certificateName();
  }
  if (!options_.proxyHeader.empty()) return proxyUser(request);
  return basicUser(request, lane);
}

std::string Authenticator::proxyUser(const http::Request& request) const {
  const auto user = request.header(options_.proxyHeader);
  if (user.empty()) refuse();
  // Twice: once by the proxy and once by the client, and who can tell which is which?
  const auto headers = request.headers();
  if (std::count_if(headers.begin(), headers.end(), [this](const http::HeaderField& field) {
        return equalsIgnoringCase(field.name, options_.proxyHeader);
      }) != 1) {
    refuse();
  }
  if (!request.cameThroughTrustedProxy() && !options_.proxyHeaderFromAnyone) {
    log::warning("restic", "A user header came from an address that is no trusted proxy",
                 {{"address", request.clientAddress()}});
    refuse();
  }
  return std::string(user);
}

std::optional<std::string> Authenticator::basicUser(const http::Request& request, http::Lane lane) {
  const auto given = parseBasicCredentials(request.header("Authorization"));
  if (!given) refuse();
  // What a hash costs dwarfs a look at the file, and who was added a moment ago is let in at once.
  const auto users = lane == http::Lane::Hash ? users_->latest() : users_->current();
  const auto entry = users->hashes.find(given->user);
  const bool isUser = entry != users->hashes.end();
  const std::string& hash = isUser ? entry->second : users->decoy;
  const std::string key = cache_.keyOf(given->user, given->password, hash);
  const auto now = std::chrono::steady_clock::now();
  if (isUser && cache_.isKnown(key, now)) return given->user;

  if (throttle_.isBlocked(request.clientAddress(), now)) refuseLogin(request, given->user);
  if (lane != http::Lane::Hash) return std::nullopt;
  // An unknown user's password is checked against the decoy, and is wrong whatever comes out.
  const bool right = cache_.check(
      key, now, [&] { return verifyPassword(given->password.reveal(), hash) && isUser; });
  if (!right) refuseLogin(request, given->user);
  return given->user;
}

void Authenticator::refuseLogin(const http::Request& request, const std::string& user) {
  ++failures_;
  throttle_.countFailure(request.clientAddress(), std::chrono::steady_clock::now());
  log::info("restic", "Invalid htpasswd entry for " + log::escaped(user) + ".");
  // The address comes before anything the client chose, so that a filter cannot be fooled.
  log::warning("restic", "Failed restic login from " + request.clientAddress() + " for user \"" +
                             log::escaped(user) + "\"");
  refuse();
}

void Authenticator::reload() {
  cache_.clear();
  if (users_) users_->reload();
}

}  // namespace coffer::restic
