// SPDX-License-Identifier: BSD-2-Clause
//
// The composition root: builds every object in order, by reference, and takes them down in the
// opposite order. Nothing registers itself and there are no singletons but the log.
//
//   Appliance appliance(settings, options, takeInheritedSockets());
//   appliance.prepare();   // may count what is stored, which can take a while
//   appliance.start();     // accepts connections
//   …  reload() on SIGHUP  …
//   appliance.stop();
//
// Threads: one, the caller's, for all members.
#pragma once

#include "appliance/http/access_log.h"
#include "appliance/http/server.h"
#include "appliance/runtime/first_steps.h"
#include "appliance/runtime/jobs.h"
#include "appliance/runtime/service_manager.h"
#include "appliance/runtime/services.h"
#include "appliance/runtime/tls_contexts.h"
#include "config/settings.h"

#include <memory>
#include <string>
#include <vector>

namespace coffer::runtime {

class Appliance {
 public:
  // Throws UsageError for what its owner can put right: files, addresses, sockets.
  Appliance(config::Settings settings, Persona persona, std::vector<InheritedSocket> inherited);
  ~Appliance();

  void prepare();
  void start();
  // Signs of life to the service manager, for as long as the server answers itself.
  void watch(const ServiceManager& manager);

  // Password files, certificates, logs. What cannot be read is logged and the old one stays.
  void reload();
  // Stops accepting, lets what is in flight finish until the deadline, closes the storage.
  void stop();

  const std::vector<http::BoundListener>& listeners() const { return server_.listeners(); }
  // What to tell the owner; the lists of users are looked at now.
  FirstSteps firstSteps(const std::string& program);

 private:
  void addJobs();
  void checkDiskSpace();
  [[nodiscard]] bool answersItself() const;
  std::string urlOf(const std::string& service) const;
  std::vector<std::pair<std::string, UnixMicros>> certificateExpiries() const;

  const SystemClock clock_;
  const config::Settings settings_;
  const Persona persona_;
  std::unique_ptr<http::AccessLog> accessLog_;
  TlsContexts tls_;
  Services services_;
  http::Server server_;
  std::vector<http::ListenerOptions> pending_;  // Until start().

  // What became of them: the listener as it was opened, beside what was asked for.
  struct Opened {
    http::BoundListener bound;
    std::shared_ptr<http::TlsContext> tls;
    std::vector<http::Mount> mounts;
  };
  std::vector<Opened> opened_;
  ServiceManager manager_;
  bool diskIsLow_ = false;
  Jobs jobs_{&services_.jobMetrics()};  // Last: its thread uses everything above.
};

}  // namespace coffer::runtime
