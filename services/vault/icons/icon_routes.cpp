// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_routes.h"

#include "appliance/base/fault.h"
#include "services/vault/icons/icon_host.h"
#include "services/vault/icons/icon_image.h"
#include "services/vault/icons/icon_service.h"
#include "services/vault/icons/icon_source.h"
#include "services/vault/respond.h"
#include "services/vault/vault_context.h"

#include <memory>
#include <utility>

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;
using std::chrono::seconds;

// For icons that are kept for ever; the longest that RFC 2616 wanted an answer to be fresh.
constexpr seconds kYear{365 * 86'400};

class IconHandlers {
 public:
  explicit IconHandlers(const VaultContext& context)
      : context_(context), service_(parseIconService(options().service)), source_(context) {
    const int status = options().redirectStatus;
    if (status != 301 && status != 302 && status != 307 && status != 308) {
      throw UsageError("icons.redirect_status: " + std::to_string(status) +
                       " is none of 301, 302, 307 and 308");
    }
  }

  Response icon(const Request& request) {
    const auto host = parseIconHost(request.param("host"));
    const bool isUsable = host && !source_.isBlocked(*host);
    if (service_.mode == IconService::Mode::Redirect) return redirect(isUsable ? *host : "");
    if (!isUsable) return fallback();
    if (auto kept = source_.find(*host)) return answer(std::move(*kept));
    if (service_.mode == IconService::Mode::Stored) return fallback();
    return Response::onLane(Lane::Fetch, [this, name = *host](Request&) { return fetch(name); });
  }

  Response config() const {
    return jsonAnswer([this](json::Writer& writer) {
      const auto hours = std::chrono::duration_cast<std::chrono::hours>(options().lifetime);
      writer.beginObject()
          .field("cacheEnabled", service_.mode != IconService::Mode::Redirect)
          .field("cacheHours", static_cast<std::int64_t>(hours.count()))
          .field("cacheSizeLimit", static_cast<std::int64_t>(options().maxCacheBytes))
          .endObject();
    });
  }

 private:
  const IconOptions& options() const { return context_.options.icons; }

  Response withLifetime(Response response, seconds lifetime) const {
    if (lifetime.count() == 0) lifetime = kYear;
    const UnixMicros end = context_.clock.now() + lifetime.count() * kSecond;
    return std::move(response)
        .header("Cache-Control", "public, immutable, max-age=" + std::to_string(lifetime.count()))
        .header("Expires", formatHttpDate(end));
  }

  // "": nobody is to be asked for this one.
  Response redirect(const std::string& host) const {
    if (host.empty()) return withLifetime(Response::empty(404), options().missLifetime);
    auto response = Response::empty(options().redirectStatus);
    response.header("Location", service_.urlOf(host));
    return withLifetime(std::move(response), options().lifetime);
  }

  Response fallback() const {
    return withLifetime(Response::text(200, std::string(fallbackIcon()), "image/png"),
                        options().missLifetime);
  }

  Response answer(std::variant<StoredIcon, NoIcon> kept) const {
    auto* icon = std::get_if<StoredIcon>(&kept);
    if (icon == nullptr) return fallback();
    return withLifetime(
        Response::file({std::move(icon->file.file), 0, icon->file.info.size}, icon->type),
        options().lifetime);
  }

  Response fetch(const std::string& host) {
    std::string bytes = source_.fetch(host);
    const auto type = imageTypeOf(bytes);
    if (!type) return fallback();
    return withLifetime(Response::text(200, std::move(bytes), *type), options().lifetime);
  }

  const VaultContext& context_;
  const IconService service_;
  IconSource source_;
};

// None is known: this server asks no site for it.
Response getChangePasswordUri(const VaultContext&, Request&) {
  return jsonAnswer(
      [](json::Writer& writer) { writer.beginObject().field("uri", nullptr).endObject(); });
}

}  // namespace

std::vector<http::Route> iconRoutes(const VaultContext& context) {
  const auto get = [](const char* pattern, http::Handler handler) {
    return http::Route(Method::Get, pattern, http::anyone(), kNoBody, Lane::Io, std::move(handler));
  };
  const auto icons = std::make_shared<IconHandlers>(context);
  return {
      get("/icons/{host}/icon.png", [icons](Request& request) { return icons->icon(request); }),
      get("/icons/config", [icons](Request&) { return icons->config(); }),
      get("/icons/change-password-uri", with(context, getChangePasswordUri)),
  };
}

}  // namespace coffer::vault
