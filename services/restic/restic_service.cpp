// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/restic_service.h"

#include "appliance/base/log.h"
#include "services/restic/acl_file.h"
#include "services/restic/guards.h"
#include "services/restic/handlers.h"
#include "services/restic/restic_metrics.h"
#include "services/restic/route_table.h"
#include "services/restic/upkeep.h"
#include "storage/blobs/blob_store.h"

namespace coffer::restic {
namespace {

ResticOptions completed(ResticOptions options) {
  if (options.authentication.htpasswdFile.empty()) {
    options.authentication.htpasswdFile = options.path + "/.htpasswd";
  }
  if (!options.aclFile.empty()) options.privateRepositories = true;
  return options;
}

AccessPolicy policyOf(const ResticOptions& options) {
  return {.rules = options.rules,
          .tables = options.aclFile.empty() ? AccessTables{} : loadAclFile(options.aclFile),
          .privateRepositories = options.privateRepositories && !options.authentication.noAuth,
          .appendOnly = options.appendOnly};
}

storage::BlobStoreOptions storeOptions(const ResticOptions& options) {
  return {.root = options.path,
          .folderMode = options.groupAccessible ? mode_t{0770} : mode_t{0700},
          .fileMode = options.groupAccessible ? mode_t{0660} : mode_t{0600},
          .links = options.followLinks ? storage::Links::Folders : storage::Links::Refused};
}

}  // namespace

struct ResticService::Parts {
  Parts(ResticOptions given, const Clock& clock)
      : options(completed(std::move(given))),
        rules(policyOf(options)),
        blobs(storeOptions(options)),
        ledger(options.quota),
        authenticator(options.authentication),
        metrics(std::make_shared<ResticMetrics>(ledger, authenticator)),
        handlers({options, clock, blobs, ledger, *metrics}),
        table(authenticator, rules, handlers, options),
        unmatched(authenticator, rules),
        metricsGuard(authenticator, options.privateRepositories),
        upkeep(options, clock, blobs, ledger) {}

  void reloadAcl();

  const ResticOptions options;
  AccessRules rules;
  storage::BlobStore blobs;
  UsageLedger ledger;
  Authenticator authenticator;
  std::shared_ptr<ResticMetrics> metrics;
  Handlers handlers;
  RouteTable table;
  UnmatchedGuard unmatched;
  MetricsGuard metricsGuard;
  Upkeep upkeep;
};

void ResticService::Parts::reloadAcl() {
  if (options.aclFile.empty()) return;
  try {
    rules.replaceTables(loadAclFile(options.aclFile));
    log::info("restic", "Reloaded acl file", {{"file", options.aclFile}});
  } catch (const UsageError& e) {
    log::error("restic", "kept the rules of the old acl file", {{"reason", e.what()}});
  }
}

ResticService::ResticService(ResticOptions options, const Clock& clock)
    : parts_(std::make_unique<Parts>(std::move(options), clock)) {}

ResticService::~ResticService() = default;

void ResticService::start() { parts_->upkeep.start(); }
void ResticService::stop() { parts_->upkeep.stop(); }

void ResticService::reload() {
  parts_->authenticator.reload();
  parts_->reloadAcl();
}

std::span<const http::Route> ResticService::routes() const { return parts_->table.rows(); }

http::Match ResticService::match(http::Method method, std::span<const std::string> segments) const {
  return parts_->table.match(method, segments);
}

const http::Guard& ResticService::unmatchedGuard() const { return parts_->unmatched; }
const http::Guard& ResticService::metricsGuard() const { return parts_->metricsGuard; }

std::shared_ptr<prometheus::Collectable> ResticService::metrics() const { return parts_->metrics; }
UsageByRepository ResticService::usage() const { return parts_->ledger.repositories(); }
std::vector<QuotaState> ResticService::quotas() const { return parts_->ledger.quotas(); }

std::size_t ResticService::sweep() {
  return parts_->upkeep.sweep([] { return false; });
}

// rest-server's bodies: the reason phrase and a newline, whatever the fault says.
http::Response ResticService::renderError(const http::Request& request, const Fault& fault) const {
  const int status = http::statusOf(fault.kind());
  // Without segments the path had one that no service may see, such as "..".
  if (status == 404 && request.segments().empty()) {
    log::info("restic", "Invalid request path: " + log::escaped(request.path()));
  }
  auto response = http::Response::text(status, std::string(http::reasonPhrase(status)) + "\n")
                      .header("X-Content-Type-Options", "nosniff");
  if (status == 401)
    response.header("WWW-Authenticate", "Basic realm=\"restic\", charset=\"UTF-8\"");
  return response;
}

}  // namespace coffer::restic
