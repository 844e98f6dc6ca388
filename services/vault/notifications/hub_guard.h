// SPDX-License-Identifier: BSD-2-Clause
//
// Lets a session in whose token stands in the query, where browsers have to put it for a WebSocket,
// or in the Authorization field (vault-extras 7.1).
#pragma once

#include "services/vault/access/session.h"

namespace coffer::vault {

class HubGuard final : public http::Guard {
 public:
  // `session` must outlive it.
  explicit HubGuard(const SessionGuard& session) : session_(session) {}

  std::string_view description() const override { return "vault session (access_token)"; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

 private:
  const SessionGuard& session_;
};

}  // namespace coffer::vault
