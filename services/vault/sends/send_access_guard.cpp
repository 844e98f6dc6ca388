// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_access_guard.h"

#include "appliance/base/fault.h"
#include "services/vault/access/session.h"
#include "services/vault/sends/send_token.h"

#include <memory>
#include <utility>

namespace coffer::vault {

http::Admission SendAccessGuard::admit(http::Request& request, http::Lane) const {
  const auto text = bearerToken(request);
  if (text.empty()) throw Unauthorized("Unauthorized.", "no bearer token");
  auto grant = readSendToken(tokens_, text, clock_.now());
  if (!grant) throw Unauthorized("Unauthorized.", "no valid token of a Send");
  request.attach(std::make_shared<const SendGrant>(std::move(*grant)));
  return http::Admission::Granted;
}

}  // namespace coffer::vault
