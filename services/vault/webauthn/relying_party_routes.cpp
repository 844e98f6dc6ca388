// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/relying_party_routes.h"

#include "services/vault/respond.h"
#include "services/vault/webauthn/relying_party.h"

namespace coffer::vault {
namespace {

constexpr std::string_view kOneWeek = "public, max-age=604800";

// The facets of FIDO U2F: the web vault, and the official apps on phones.
http::Response appId(const VaultContext& context, http::Request& request) {
  std::string body;
  json::Writer writer(body);
  writer.beginObject().key("trustedFacets").beginArray().beginObject();
  writer.rawField("version", R"({"major":1,"minor":0})").key("ids").beginArray();
  writer.value(relyingParty(context, request).origin)
      .value("ios:bundle-id:com.8bit.bitwarden")
      .value("android:apk-key-hash:dUGFzUzf3lmHSLBDBIv+WaFyZMI");
  writer.endArray().endObject().endArray().endObject();
  return http::Response::text(200, std::move(body), "application/fido.trusted-apps+json")
      .header("Cache-Control", kOneWeek);
}

http::Response appleAssociation(const VaultContext&, http::Request&) {
  return http::Response::json(R"({"webcredentials":{"apps":["LTZ2PFU5D6.com.8bit.bitwarden",)"
                              R"("LTZ2PFU5D6.com.8bit.bitwarden.beta"]}})")
      .header("Cache-Control", kOneWeek);
}

}  // namespace

std::vector<http::Route> relyingPartyRoutes(const VaultContext& c) {
  const http::Guard& all = http::anyone();
  return {
      {http::Method::Get, "/app-id.json", all, http::kNoBody, http::Lane::Io, with(c, appId)},
      {http::Method::Get, "/.well-known/apple-app-site-association", all, http::kNoBody,
       http::Lane::Io, with(c, appleAssociation)},
  };
}

}  // namespace coffer::vault
