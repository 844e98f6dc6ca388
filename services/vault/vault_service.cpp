// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/vault_service.h"

#include "appliance/http/router.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_routes.h"
#include "services/vault/accounts/mail_routes.h"
#include "services/vault/attachments/attachment_routes.h"
#include "services/vault/auth_requests/auth_request_routes.h"
#include "services/vault/casing.h"
#include "services/vault/ciphers/cipher_routes.h"
#include "services/vault/compat/small_routes.h"
#include "services/vault/config_routes.h"
#include "services/vault/devices/device_routes.h"
#include "services/vault/domains/domain_routes.h"
#include "services/vault/emergency_access/emergency_routes.h"
#include "services/vault/error_body.h"
#include "services/vault/files/file_links.h"
#include "services/vault/folders/folder_routes.h"
#include "services/vault/icons/icon_routes.h"
#include "services/vault/identity/identity_routes.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/identity/token_signer.h"
#include "services/vault/jobs/vault_jobs.h"
#include "services/vault/mail/outbox_mailer.h"
#include "services/vault/notifications/hub_guard.h"
#include "services/vault/notifications/notification_hub.h"
#include "services/vault/notifications/notification_routes.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/notifications/push_relay.h"
#include "services/vault/passkeys/passkey_routes.h"
#include "services/vault/response_policy.h"
#include "services/vault/sends/send_access_guard.h"
#include "services/vault/sends/send_routes.h"
#include "services/vault/sync/sync_routes.h"
#include "services/vault/two_factor/duo_routes.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/two_factor/two_factor_routes.h"
#include "services/vault/two_factor/webauthn_routes.h"
#include "services/vault/two_factor/yubikey_routes.h"
#include "services/vault/vault_context.h"
#include "services/vault/vault_metrics.h"
#include "services/vault/web_vault/web_vault_routes.h"
#include "services/vault/webauthn/relying_party_routes.h"
#include "storage/blobs/blob_store.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

std::vector<http::Route> allRoutes(const VaultContext& context) {
  std::vector<http::Route> all;
  const auto add = [&all](std::vector<http::Route> table) {
    std::move(table.begin(), table.end(), std::back_inserter(all));
  };
  add(configRoutes(context));
  add(identityRoutes(context));
  add(profileRoutes(context));
  add(passwordRoutes(context));
  add(domainRoutes(context));
  add(deviceRoutes(context));
  add(deviceTrustRoutes(context));
  add(pushTokenRoutes(context));
  add(syncRoutes(context));
  add(folderRoutes(context));
  add(cipherRoutes(context));
  add(smallRoutes(context));
  add(twoFactorRoutes(context));
  add(webauthnFactorRoutes(context));
  add(yubikeyRoutes(context));
  add(duoRoutes(context));
  add(passkeyRoutes(context));
  add(attachmentRoutes(context));
  add(sendRoutes(context));
  add(authRequestRoutes(context));
  add(emergencyAccessRoutes(context));
  add(notificationRoutes(context));
  add(iconRoutes(context));
  add(webVaultRoutes(context));
  add(relyingPartyRoutes(context));
  add(accountMailRoutes(context));
  add(webVaultFileRoutes(context));

  // Last, and not in the router either: any path may be asked about before a browser calls it.
  all.emplace_back(http::Method::Options, "/{path*}", http::anyone(), http::kNoBody, http::Lane::Io,
                   [](http::Request&) { return http::Response::empty(200); });
  return all;
}

// The rows for any path at all stand last.
std::size_t firstAnyPath(const std::vector<http::Route>& routes) {
  const auto isForAnyPath = [](const http::Route& row) { return row.pattern() == "/{path*}"; };
  const auto found = std::find_if(routes.begin(), routes.end(), isForAnyPath);
  return static_cast<std::size_t>(found - routes.begin());
}

}  // namespace

struct VaultService::Parts {
  Parts(storage::Database& database, const Clock& clock, const outbound::HttpClient& outbound,
        VaultOptions given)
      : options(std::move(given)),
        tokens(openTokenSigner(options.folder)),
        passwords(options.passwordIterations),
        throttle(clock, options),
        session(database, clock, tokens, SessionGuard::Stamp::Current),
        tolerantSession(database, clock, tokens, SessionGuard::Stamp::PreviousToo),
        sendAccess(clock, tokens),
        hubGuard(session),
        hub(database, clock),
        push(database, clock, outbound, options.push, *metrics),
        mailer(database, clock, options, *metrics),
        files({options.folder}),
        context{database,        clock,      tokens, passwords, throttle,      *metrics, options,
                notifier,        mailer,     files,  fileLinks, secondFactors, outbound, session,
                tolerantSession, sendAccess, hub,    push,      hubGuard},
        secondFactors(context),
        routes(allRoutes(context)),
        anyPath(firstAnyPath(routes)),
        router(std::span(routes).first(anyPath), http::TrailingSlash::Optional),
        policy(options) {}

  const VaultOptions options;
  const std::shared_ptr<VaultMetrics> metrics = std::make_shared<VaultMetrics>();
  const TokenSigner tokens;
  const PasswordHasher passwords;
  LoginThrottle throttle;
  const SessionGuard session;
  const SessionGuard tolerantSession;
  const SendAccessGuard sendAccess;
  const HubGuard hubGuard;
  Notifier notifier;
  NotificationHub hub;
  PushRelay push;
  OutboxMailer mailer;
  storage::BlobStore files;
  const FileLinks fileLinks;
  const VaultContext context;
  const SecondFactors secondFactors;
  const std::vector<http::Route> routes;
  const std::size_t anyPath;  // Index of a row; from there on the rows are not in the router.
  const http::Router router;
  const ResponsePolicy policy;
};

VaultService::VaultService(storage::Database& database, const Clock& clock,
                           const outbound::HttpClient& outbound, VaultOptions options)
    : parts_(std::make_unique<Parts>(database, clock, outbound, std::move(options))) {
  auto& parts = *parts_;
  parts.notifier.subscribe([&parts](const Update& update) { parts.hub.publish(update); });
  parts.notifier.subscribe([&parts](const Update& update) { parts.push.publish(update); });
}

VaultService::~VaultService() = default;

std::span<const http::Route> VaultService::routes() const { return parts_->routes; }

http::Match VaultService::match(http::Method method, std::span<const std::string> segments) const {
  const auto& routes = parts_->routes;
  if (method == http::Method::Options) return {&routes.back(), {}, {}};
  auto match = parts_->router.match(method, segments);
  const http::Route& file = routes[parts_->anyPath];
  const bool isForFile = file.method() == http::Method::Get &&
                         (method == http::Method::Get || method == http::Method::Head) &&
                         !isProtocolPath("/" + segments.front());
  if (match.route == nullptr && match.allow.empty() && isForFile) match.route = &file;
  return match;
}

http::Response VaultService::renderError(const http::Request& request, const Fault& fault) const {
  return renderVaultError(request, fault);
}

void VaultService::decorate(const http::Request& request, http::Response& response) const {
  const bool isProtocol = isProtocolPath(request.path());
  if (isProtocol && dialectOf(request) == Dialect::Documented) applyPascalCase(response);
  parts_->policy.addSecurityHeaders(request, response);
  const auto& configured = parts_->options.origin;
  addCrossOriginHeaders(request, configured.empty() ? request.origin() : configured, response);
}

void VaultService::start() {
  parts_->mailer.start();
  parts_->push.start();
}

void VaultService::stop() {
  parts_->push.stop();
  parts_->mailer.stop();
}

Notifier& VaultService::notifier() { return parts_->notifier; }

const VaultContext& VaultService::context() const { return parts_->context; }

std::vector<VaultJob> VaultService::jobs() { return vaultJobs(parts_->context); }

std::shared_ptr<VaultMetrics> VaultService::metrics() const { return parts_->metrics; }

}  // namespace coffer::vault
