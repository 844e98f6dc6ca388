// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/access/session.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/secret.h"
#include "services/vault/identity/access_token.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <memory>

namespace coffer::vault {
namespace {

[[noreturn]] void refuse(const char* reason) { throw Unauthorized("Unauthorized.", reason); }

bool isStampGood(const std::string& shown, const storage::SessionState& state,
                 SessionGuard::Stamp accepted, UnixMicros now) {
  if (equalsInConstantTime(shown, state.securityStamp)) return true;
  return accepted == SessionGuard::Stamp::PreviousToo && state.previousStamp &&
         now < state.previousStampUntil && equalsInConstantTime(shown, *state.previousStamp);
}

}  // namespace

std::string_view bearerToken(const http::Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = request.header("Authorization");
  if (!equalsIgnoringCase(value.substr(0, scheme.size()), scheme)) return {};
  return trim(value.substr(scheme.size()));
}

void requireOngoing(storage::Transaction& tx, const Session& session) {
  const auto state = storage::UserStore(tx).findSession(session.userId, session.deviceIdentifier);
  if (!state || state->disabled || !state->deviceKnown ||
      state->securityStamp != session.securityStamp) {
    refuse("the session ended during the call");
  }
}

SessionGuard::SessionGuard(storage::Database& database, const Clock& clock,
                           const TokenSigner& tokens, Stamp accepted)
    : database_(database), clock_(clock), tokens_(tokens), accepted_(accepted) {}

http::Admission SessionGuard::admit(http::Request& request, http::Lane) const {
  return admitBearer(request, bearerToken(request));
}

http::Admission SessionGuard::admitBearer(http::Request& request, std::string_view token) const {
  if (token.empty()) refuse("no bearer token");
  const UnixMicros now = clock_.now();
  const auto claims = readAccessToken(tokens_, token, now);
  if (!claims) refuse("bad or expired token");

  const auto state = database_.read([&](storage::Transaction& tx) {
    return storage::UserStore(tx).findSession(claims->userId, claims->deviceIdentifier);
  });
  if (!state) refuse("unknown account");
  if (state->disabled) refuse("disabled account");
  if (!state->deviceKnown) refuse("unknown device");
  if (!isStampGood(claims->securityStamp, *state, accepted_, now)) refuse("old security stamp");

  request.setUser(state->email);
  request.attach(std::make_shared<const Session>(
      Session{claims->userId, state->email, claims->deviceIdentifier, state->securityStamp}));
  return http::Admission::Granted;
}

}  // namespace coffer::vault
