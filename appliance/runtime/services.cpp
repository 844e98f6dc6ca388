// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/services.h"

#include "appliance/runtime/command_settings.h"
#include "appliance/runtime/metrics_beside_restic.h"
#include "appliance/runtime/service_options.h"
#include "services/vault/vault_metrics.h"
#include "storage/stores/user_store.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

namespace coffer::runtime {
namespace {

health::MetricsGuardOptions metricsAccess(const config::MetricsSettings& settings,
                                          const restic::ResticService* restic) {
  health::MetricsGuardOptions options;
  options.token = settings.token;
  switch (settings.access) {
    case config::MetricsAccess::Anyone:
      options.access = health::MetricsAccess::Anyone;
      break;
    case config::MetricsAccess::Users:
      if (!restic) throw UsageError("metrics.access is \"users\", but no listener mounts restic");
      options.access = health::MetricsAccess::Users;
      options.users = &restic->metricsGuard();
      break;
    case config::MetricsAccess::Local:
      break;
  }
  return options;
}

bool isFolderWritable(const std::string& folder) {
  struct statvfs status {};
  if (::access(folder.c_str(), W_OK) != 0 || ::statvfs(folder.c_str(), &status) != 0) return false;
  return (status.f_flag & ST_RDONLY) == 0 && status.f_bavail > 0;
}

}  // namespace

Services::Services(const config::Settings& settings, ServiceOptions options, const Clock& clock)
    : settings_(settings), options_(std::move(options)), clock_(clock) {
  if (isMounted("vault")) addVault();
  if (isMounted("restic")) addRestic();
  if (isMounted("metrics") || options_.persona == Persona::RestServerWithMetrics) addMetrics();
  if (isMounted("health")) addHealth();
  for (const auto& [name, service] : byName_) serverMetrics_.registerService(*service);
}

Services::~Services() = default;

bool Services::isMounted(const std::string& name) const {
  return std::any_of(settings_.listeners.begin(), settings_.listeners.end(), [&](const auto& l) {
    return std::any_of(l.mounts.begin(), l.mounts.end(),
                       [&](const auto& mount) { return mount.service == name; });
  });
}

void Services::addVault() {
  database_ = std::make_unique<storage::Database>(vaultDatabase(settings_));
  outbound_ = std::make_unique<outbound::PocoHttpClient>("Coffer/" COFFER_VERSION);
  vault_ = std::make_unique<vault::VaultService>(*database_, clock_, *outbound_,
                                                 vaultOptions(settings_));
  owned_.push_back(vault_->metrics());
  owned_.push_back(jobMetrics_);
  byName_["vault"] = vault_.get();
}

void Services::addRestic() {
  restic_ =
      std::make_unique<restic::ResticService>(resticOptions(settings_, isRestServer()), clock_);
  owned_.push_back(restic_->metrics());
  byName_["restic"] = restic_.get();
}

void Services::addMetrics() {
  health::ProcessMetricsOptions process;
  process.version = COFFER_VERSION;
  process.certificates = options_.certificates;
  if (!isRestServer()) process.folders.emplace_back("data", settings_.dataDir);
  if (restic_) process.folders.emplace_back("restic", resticFolder(settings_));
  owned_.push_back(std::make_shared<health::ProcessMetrics>(std::move(process)));

  health::Collectables all{serverMetrics_};
  for (const auto& collectable : owned_) all.emplace_back(*collectable);
  metrics_ = std::make_unique<health::MetricsService>(
      std::move(all), metricsAccess(settings_.metrics, restic_.get()));
  byName_["metrics"] = metrics_.get();
  if (!isRestServer() || !restic_) return;
  resticWithMetrics_ = std::make_unique<MetricsBesideRestic>(*restic_, *metrics_);
  byName_["restic"] = resticWithMetrics_.get();
}

void Services::addHealth() {
  health_ = std::make_unique<health::HealthService>([this] { return isStorageWritable(); });
  byName_["health"] = health_.get();
}

std::vector<ScheduledJob> Services::jobs() {
  return scheduledJobs(settings_.jobs, vault_ ? vault_->jobs() : std::vector<vault::VaultJob>());
}

void Services::start() {
  if (vault_) vault_->start();
  if (restic_) restic_->start();
}

void Services::beginStop() {
  if (outbound_) outbound_->stop();
}

void Services::stop() {
  if (restic_) restic_->stop();
  if (vault_) vault_->stop();
  if (database_) database_->close();
}

void Services::reload() {
  if (restic_) restic_->reload();
}

bool Services::needsVaultAccount() {
  if (!database_) return false;
  return database_->read([](storage::Transaction& tx) { return storage::UserStore(tx).count(); }) ==
         0;
}

bool Services::needsResticUser() const {
  if (!restic_ || settings_.restic.auth != config::ResticAuth::Htpasswd) return false;
  std::error_code error;
  const auto size = std::filesystem::file_size(htpasswdFile(settings_), error);
  return error || size == 0;
}

bool Services::isStorageWritable() {
  if (database_ && !database_->probeWritable()) return false;
  return !restic_ || isFolderWritable(resticFolder(settings_));
}

}  // namespace coffer::runtime
