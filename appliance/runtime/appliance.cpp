// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/appliance.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "appliance/runtime/command_settings.h"
#include "appliance/runtime/probe.h"
#include "appliance/runtime/resident_pages.h"
#include "appliance/runtime/service_options.h"

#include <sys/statvfs.h>

#include <algorithm>

namespace coffer::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLowDiskBytes = 256 * MiB;

std::unique_ptr<http::AccessLog> openAccessLog(const config::LogSettings& settings,
                                               Persona persona) {
  using Empty = http::AccessLog::Empty;
  if (settings.accessLog.empty()) return nullptr;
  const bool isCoffer = persona == Persona::Coffer;
  return std::make_unique<http::AccessLog>(settings.accessLog, settings.accessLogRequestId,
                                           isCoffer ? Empty::Dash : Empty::Nothing,
                                           isCoffer ? mode_t{0640} : mode_t{0644});
}

}  // namespace

Appliance::Appliance(config::Settings settings, Persona persona,
                     std::vector<InheritedSocket> inherited)
    : settings_(std::move(settings)),
      persona_(persona),
      accessLog_(openAccessLog(settings_.log, persona)),
      tls_(settings_.dataDir + "/tls", settings_.tls.names, clock_),
      services_(settings_, {persona, [this] { return certificateExpiries(); }}, clock_),
      server_(serverOptions(settings_.http), services_.serverMetrics(), accessLog_.get()),
      pending_(
          resolveListeners(settings_.listeners, services_.byName(), tls_, std::move(inherited))) {}

Appliance::~Appliance() = default;

void Appliance::prepare() { services_.start(); }

void Appliance::start() {
  for (http::ListenerOptions& listener : pending_) {
    Opened opened{{}, listener.tls, listener.mounts};
    opened.bound = server_.listen(std::move(listener));
    opened_.push_back(std::move(opened));
  }
  pending_.clear();
  server_.start();
  addJobs();
  jobs_.start();
  releaseStartupPages();
}

void Appliance::watch(const ServiceManager& manager) {
  if (manager.watchdog().count() == 0) return;
  manager_ = manager;
  const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(manager.watchdog() / 2);
  jobs_.add("watchdog", half, 0ms, [this] {
    if (answersItself()) {
      manager_.alive();
    } else {
      log::error("runtime", "the server does not answer itself; the watchdog is not told");
    }
  });
}

void Appliance::addJobs() {
  // The first look is soon: an address from DHCP may have come after the start.
  if (tls_.localCa()) {
    jobs_.add("certificate", 1h, 1min, [this] { tls_.checkLocalCertificate(); });
  }
  jobs_.add("disk-space", 10min, 10s, [this] { checkDiskSpace(); });
  for (ScheduledJob& job : services_.jobs()) {
    if (job.schedule) jobs_.add(std::move(job.name), *job.schedule, std::move(job.run));
  }
}

void Appliance::reload() {
  log::reopen();
  if (accessLog_) accessLog_->reopen();
  services_.reload();
  tls_.reload();
  if (persona_ == Persona::Coffer) log::info("runtime", "reloaded");
}

void Appliance::stop() {
  services_.beginStop();
  jobs_.stop();
  const std::size_t cut = server_.stop(settings_.http.shutdownDeadline);
  if (cut > 0) {
    log::warning("runtime", "connections were cut at the deadline",
                 {{"connections", static_cast<std::uint64_t>(cut)}});
  }
  services_.stop();
}

FirstSteps Appliance::firstSteps(const std::string& program) {
  FirstSteps steps;
  steps.dataDir = settings_.dataDir;
  steps.program = program;
  steps.vaultUrl = urlOf("vault");
  steps.resticUrl = urlOf("restic");
  steps.metricsUrl = urlOf("metrics");
  steps.needsVaultAccount = services_.needsVaultAccount();
  steps.needsResticUser = services_.needsResticUser();
  if (tls_.localCa()) steps.trust = tls_.localCa()->trustInstructions();
  return steps;
}

// Encrypted listeners come first: the vault's clients insist on them.
std::string Appliance::urlOf(const std::string& name) const {
  const auto service = services_.byName().find(name);
  if (service == services_.byName().end()) return {};
  std::string url;
  for (const Opened& opened : opened_) {
    const auto prefix = prefixOf(opened.mounts, service->second);
    if (!prefix) continue;
    if (url.empty() || opened.tls) url = urlOfMount(opened.bound.url, *prefix);
    if (opened.tls) break;
  }
  return url;
}

std::vector<std::pair<std::string, UnixMicros>> Appliance::certificateExpiries() const {
  std::vector<std::pair<std::string, UnixMicros>> expiries;
  for (const Opened& opened : opened_) {
    if (opened.tls) expiries.emplace_back(opened.bound.address, opened.tls->notAfter());
  }
  return expiries;
}

// Only silence counts against the server: one that refuses, or closes, is alive.
bool Appliance::answersItself() const {
  const auto service = services_.byName().find("health");
  for (const Opened& opened : opened_) {
    ProbeTarget target = parseProbeUrl(opened.bound.url);
    target.path = "/";
    if (service != services_.byName().end()) {
      const auto prefix = prefixOf(opened.mounts, service->second);
      if (prefix) target.path = *prefix + "/live";
    }
    return !probe(target, 10s).timedOut;
  }
  return true;
}

void Appliance::checkDiskSpace() {
  struct statvfs status {};
  const std::string folder =
      persona_ == Persona::Coffer ? settings_.dataDir : resticFolder(settings_);
  if (::statvfs(folder.c_str(), &status) != 0) return;
  const std::uint64_t free = std::uint64_t{status.f_bavail} * status.f_frsize;
  const bool isLow = free < kLowDiskBytes;
  if (isLow && !diskIsLow_) {
    log::warning("storage", "the disk is almost full",
                 {{"folder", folder}, {"free", formatByteSize(free)}});
  }
  diskIsLow_ = isLow;
}

}  // namespace coffer::runtime
