// SPDX-License-Identifier: BSD-2-Clause
//
// Who may read the metrics.
#pragma once

#include "appliance/base/secret.h"
#include "appliance/http/route.h"

#include <string>

namespace coffer::health {

enum class MetricsAccess {
  Local,  // Clients on this machine: a loopback address or a Unix socket.
  Users,  // Whoever the guard that is handed in lets through.
  Anyone,
};

struct MetricsGuardOptions {
  MetricsAccess access = MetricsAccess::Local;
  Secret token;  // Admits from anywhere as "Authorization: Bearer"; empty: none.
  const http::Guard* users = nullptr;  // For Users; must outlive the guard.
};

class MetricsGuard final : public http::Guard {
 public:
  // Throws std::logic_error for Users without a guard for them.
  explicit MetricsGuard(MetricsGuardOptions options);

  std::string_view description() const override { return description_; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

  // The value of WWW-Authenticate for a refusal; "" when no credentials would help.
  std::string_view challenge() const;

 private:
  MetricsGuardOptions options_;
  std::string description_;
};

}  // namespace coffer::health
