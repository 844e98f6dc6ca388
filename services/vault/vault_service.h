// SPDX-License-Identifier: BSD-2-Clause
//
// The vault: what official Bitwarden clients talk to. Owns the capabilities, puts their route
// tables together, and gives every answer its last touch (casing, security headers, errors).
//
// Mount options: casing=pascal answers as the PascalCase servers did (vault-core 10.3).
//
// Threads: any, once constructed. Lifetime: the database, the clock and the client for calls of
// other servers must outlive it, and it must outlive the server it is mounted on.
#pragma once

#include "appliance/http/service.h"
#include "services/vault/jobs/vault_job.h"
#include "services/vault/vault_options.h"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace coffer::storage {
class Database;
}
namespace coffer {
class Clock;
}
namespace coffer::outbound {
class HttpClient;
}

namespace coffer::vault {

class Notifier;
class VaultMetrics;
struct VaultContext;

class VaultService final : public http::Service {
 public:
  // Reads the signing key, or makes it at the first start. Throws UsageError when it cannot be
  // used.
  VaultService(storage::Database& database, const Clock& clock,
               const outbound::HttpClient& outbound, VaultOptions options);
  ~VaultService() override;

  std::string_view name() const override { return "vault"; }
  std::span<const http::Route> routes() const override;
  http::Match match(http::Method method, std::span<const std::string> segments) const override;
  http::Response renderError(const http::Request& request, const Fault& fault) const override;
  void decorate(const http::Request& request, http::Response& response) const override;

  void start();  // Before the HTTP server: what runs beside the requests.
  void stop();   // After the HTTP server has stopped.

  // Work by the clock; the runtime calls it, one at a time.
  std::vector<VaultJob> jobs();

  // Before start(): who else wants to know of changes.
  Notifier& notifier();
  const VaultContext& context() const;  // For the command line, which works on the same data.

  // For the registry that is scraped.
  std::shared_ptr<VaultMetrics> metrics() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace coffer::vault
