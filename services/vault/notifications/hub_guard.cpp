// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/hub_guard.h"

namespace coffer::vault {

http::Admission HubGuard::admit(http::Request& request, http::Lane lane) const {
  const auto token = request.query("access_token");
  return token ? session_.admitBearer(request, *token) : session_.admit(request, lane);
}

}  // namespace coffer::vault
