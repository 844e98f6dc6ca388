// SPDX-License-Identifier: BSD-2-Clause
//
// restic's REST backend: everything rest-server does, in the same words, with rights and quotas per
// user and repository. Protocol facts: restic's manual ("REST Backend") and rest-server's
// behaviour.
//
//   ResticService service(options, clock);   // reads the password file; throws UsageError
//   service.start();                         // once, before the server; may count what is stored
//   …                                        // serve
//   service.stop();                          // after the server has stopped
//
// Threads: match(), the guards and the handlers are safe from any thread, reload() too.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/service.h"
#include "services/restic/restic_options.h"
#include "services/restic/usage_ledger.h"

#include <prometheus/collectable.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace coffer::restic {

class ResticService final : public http::Service {
 public:
  // Makes the data folder when it is missing. `clock` must outlive the service.
  ResticService(ResticOptions options, const Clock& clock);
  ~ResticService() override;

  void start();
  void stop();
  // For SIGHUP: reads the password file and the acl.toml anew. One that cannot be used is logged,
  // and what it said before stays. The options need a restart.
  void reload();

  std::string_view name() const override { return "restic"; }
  std::span<const http::Route> routes() const override;
  http::Match match(http::Method method, std::span<const std::string> segments) const override;
  const http::Guard& unmatchedGuard() const override;
  http::Response renderError(const http::Request& request, const Fault& fault) const override;

  // For /metrics where rest-server's rules apply (guards.h). Lives as long as the service.
  const http::Guard& metricsGuard() const;
  // Register it with whatever answers /metrics. Lives as long as somebody holds it, but must not be
  // collected after the service is gone.
  std::shared_ptr<prometheus::Collectable> metrics() const;

  UsageByRepository usage() const;
  std::vector<QuotaState> quotas() const;
  // Sweeps now, on the caller's thread; the service also does by itself. Number of files removed.
  std::size_t sweep();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace coffer::restic
