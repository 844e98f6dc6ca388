// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/web_vault_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "appliance/outbound/ip_address.h"
#include "appliance/outbound/url.h"
#include "services/vault/config_routes.h"
#include "services/vault/respond.h"
#include "services/vault/vault_context.h"
#include "services/vault/web_vault/conditional.h"
#include "services/vault/web_vault/pages.h"
#include "services/vault/web_vault/static_file.h"
#include "services/vault/web_vault/stylesheet.h"

#include <unistd.h>
#include <utility>

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::uint64_t kMaxIndex = 1 * MiB;

// Text that this server makes, asked for again each time.
Response revalidated(const Request& request, std::string body, std::string_view type) {
  const std::string tag = "\"" + toHex(sha256(body)) + "\"";
  auto response = namesTag(request.header("If-None-Match"), tag)
                      ? Response::empty(304)
                      : Response::text(200, std::move(body), type);
  return std::move(response).header("ETag", tag).header("Cache-Control", "no-cache");
}

std::optional<std::string> readIndex(const std::string& folder) {
  const auto file = openStaticFile(folder, "index.html");
  if (!file) return std::nullopt;
  if (file->size > kMaxIndex) {
    log::warning("vault", "the web vault's index.html is too large to be one",
                 {{"folder", folder}});
    return std::nullopt;
  }
  std::string bytes(file->size, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n = ::read(file->file.get(), bytes.data() + got, bytes.size() - got);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

Response redirectHome(const Request& request) {
  return Response::empty(303).header("Location", request.mount().prefix + "/");
}

Response getHome(const VaultContext& context, Request& request) {
  // The application's addresses are relative, and "/bitwarden" is no folder to a browser.
  const std::string_view target = request.target();
  if (!target.substr(0, target.find('?')).ends_with('/')) return redirectHome(request);
  if (auto index = readIndex(context.options.webVault.folder)) {
    return revalidated(request, withStylesheet(std::move(*index)), contentTypeOf("index.html"));
  }
  return startPage(baseUrl(context, request));
}

// Loaded under this name the application loses its way.
Response getIndex(const VaultContext&, Request& request) { return redirectHome(request); }

Response getFile(const VaultContext& context, Request& request) {
  if (auto file = answerStaticFile(request, context.options.webVault.folder)) {
    return std::move(*file);
  }
  return notFoundPage(request.mount().prefix + "/");
}

bool isCalledByName(const VaultContext& context, const Request& request) {
  const auto url = outbound::parseUrl(baseUrl(context, request) + "/");
  return url && !outbound::parseIpAddress(url->host);
}

Response getStylesheet(const VaultContext& context, Request& request) {
  const StylesheetFacts facts{.mayRegister = !isRegistrationOff(context),
                              .canUseSecurityKeys = isCalledByName(context, request)};
  return revalidated(request, stylesheetFor(context.options, facts), contentTypeOf(".css"));
}

http::Route get(const char* pattern, http::Handler handler) {
  return {Method::Get, pattern, http::anyone(), kNoBody, Lane::Io, std::move(handler)};
}

}  // namespace

std::vector<http::Route> webVaultRoutes(const VaultContext& c) {
  if (!c.options.webVault.isEnabled) return {};
  return {
      get("/", with(c, getHome)),
      get("/index.html", with(c, getIndex)),
      get("/css/vaultwarden.css", with(c, getStylesheet)),
  };
}

std::vector<http::Route> webVaultFileRoutes(const VaultContext& c) {
  if (!c.options.webVault.isEnabled) return {};
  return {get("/{path*}", with(c, getFile))};
}

}  // namespace coffer::vault
