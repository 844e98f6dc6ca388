// SPDX-License-Identifier: BSD-2-Clause
//
// Every service that some listener mounts, with what each needs; the rest is not even opened.
// Threads: as the services. Lifetime: outlives the HTTP server they are mounted on.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/metrics.h"
#include "appliance/outbound/poco_http_client.h"
#include "appliance/runtime/job_metrics.h"
#include "appliance/runtime/listeners.h"
#include "appliance/runtime/scheduled_jobs.h"
#include "config/settings.h"
#include "services/health/health_service.h"
#include "services/health/metrics_service.h"
#include "services/health/process_metrics.h"
#include "services/restic/restic_service.h"
#include "services/vault/vault_service.h"
#include "storage/database/database.h"

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace coffer::runtime {

// Who the program is to its clients. As rest-server it has one service, and the metrics are a path
// of that (metrics_beside_restic.h) and no mount.
enum class Persona { Coffer, RestServer, RestServerWithMetrics };

struct ServiceOptions {
  Persona persona = Persona::Coffer;
  // Listener → when its certificate expires; for the metrics.
  std::function<std::vector<std::pair<std::string, UnixMicros>>()> certificates;
};

class Services {
 public:
  // Opens the vault's database and reads the password file, where those services are mounted.
  // Throws UsageError.
  Services(const config::Settings& settings, ServiceOptions options, const Clock& clock);
  ~Services();

  const ServicesByName& byName() const { return byName_; }
  http::ServerMetrics& serverMetrics() { return serverMetrics_; }

  // What the services do by the clock, and where it is counted.
  std::vector<ScheduledJob> jobs();
  JobMetrics& jobMetrics() { return *jobMetrics_; }

  void start();      // Before the HTTP server. May count what is stored, which can take a while.
  void beginStop();  // Before the HTTP server stops: gives up what nobody needs to wait for.
  void stop();       // After the HTTP server has stopped: saves and closes what is open.
  void reload();

  // Whether anybody could log in; false where the service is not mounted.
  bool needsVaultAccount();
  bool needsResticUser() const;

 private:
  void addVault();
  void addRestic();
  void addMetrics();
  void addHealth();
  [[nodiscard]] bool isRestServer() const { return options_.persona != Persona::Coffer; }
  [[nodiscard]] bool isMounted(const std::string& name) const;
  [[nodiscard]] bool isStorageWritable();

  const config::Settings& settings_;
  ServiceOptions options_;
  const Clock& clock_;
  http::ServerMetrics serverMetrics_;
  const std::shared_ptr<JobMetrics> jobMetrics_ = std::make_shared<JobMetrics>();

  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<outbound::PocoHttpClient> outbound_;
  std::unique_ptr<vault::VaultService> vault_;
  std::unique_ptr<restic::ResticService> restic_;
  std::vector<std::shared_ptr<prometheus::Collectable>> owned_;  // What the scrape refers to.
  std::unique_ptr<health::MetricsService> metrics_;
  std::unique_ptr<http::Service> resticWithMetrics_;
  std::unique_ptr<health::HealthService> health_;
  ServicesByName byName_;
};

}  // namespace coffer::runtime
