// SPDX-License-Identifier: BSD-2-Clause
//
// What holds for the service as a whole: configuration, errors, headers, the PascalCase mount.
#include "services/vault/vault_service.h"

#include "appliance/http/request_builder.h"
#include "services/vault/error_body.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/json/model_error.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;
using http::Method;

namespace {

Json rendered(const std::string& target, const Fault& fault, int status) {
  const auto mount = std::make_shared<const http::MountPoint>();
  const auto request = http::RequestBuilder().target(target, mount).build();
  auto response = renderVaultError(request, fault);
  CHECK(response.status() == status);
  return Json::parse(std::get<std::string>(response.body()));
}

Json apiError(const std::string& message) {
  return {{"object", "error"},
          {"message", message},
          {"validationErrors", nullptr},
          {"exceptionMessage", nullptr},
          {"exceptionStackTrace", nullptr},
          {"innerExceptionMessage", nullptr}};
}

}  // namespace

TEST_CASE("faults of the API have its error body, and keep what is internal to themselves") {
  CHECK(rendered("/api/x", BadRequest("Wrong.", "detail"), 400) == apiError("Wrong."));
  CHECK(rendered("/api/x", Unauthorized("whatever"), 401) == apiError("Unauthorized."));
  CHECK(rendered("/api/x", NotFound("404 page not found"), 404) == apiError("Resource not found."));
  CHECK(rendered("/api/x", PayloadTooLarge("Too large."), 413) == apiError("Too large."));
  CHECK(rendered("/api/x", TooManyRequests("Too many requests"), 429) ==
        apiError("Too many requests"));
  CHECK(rendered("/api/x", InsufficientStorage("The disk is full."), 507) ==
        apiError("The disk is full."));
  CHECK(rendered("/api/x", Fault(FaultKind::Internal, "secret", "more"), 500) ==
        apiError("An unhandled server error has occurred."));

  auto model = apiError("The model state is invalid.");
  model["validationErrors"] = {{"Login.Uri", {"Too \"long\"."}}};
  CHECK(rendered("/api/x", vault::json::ModelError("Login.Uri", "Too \"long\"."), 400) == model);
}

TEST_CASE("faults below /identity/ have the token endpoint's error body too") {
  const Json model{{"Message", "Too many login requests"}, {"ValidationErrors", nullptr},
                   {"ExceptionMessage", nullptr},          {"ExceptionStackTrace", nullptr},
                   {"InnerExceptionMessage", nullptr},     {"Object", "error"}};
  auto expected = apiError("Too many login requests");
  expected["error"] = "temporarily_unavailable";
  expected["error_description"] = "Too many login requests";
  expected["ErrorModel"] = model;
  CHECK(rendered("/identity/connect/token", TooManyRequests("Too many login requests"), 429) ==
        expected);

  const auto challenge =
      rendered("/identity/connect/token",
               IdentityError("invalid_grant", "Two factor required.", "Two factor required.",
                             R"("TwoFactorProviders":["0"],"TwoFactorProviders2":{"0":null})"),
               400);
  CHECK(challenge["error"] == "invalid_grant");
  CHECK(challenge["error_description"] == "Two factor required.");
  CHECK(challenge["TwoFactorProviders2"] == Json{{"0", nullptr}});
  CHECK(rendered("/identity/connect/token", IdentityError("invalid_grant", "", ""), 400) ==
        Json{{"error", "invalid_grant"}});
}

TEST_CASE("unknown routes are 404 and wrong methods 405, in the API's error body") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const char* target :
       {"/api", "/api/nothing", "/identity/nothing", "/api/accounts/billing"}) {
    CAPTURE(target);
    const auto reply = alice.get(target);
    CHECK(reply.status == 404);
    CHECK(reply.json()["message"] == "Resource not found.");
    CHECK(reply.header("Content-Type").find("application/json") == 0);
  }
  const auto match =
      vault.service().match(Method::Patch, std::vector<std::string>{"api", "accounts", "profile"});
  CHECK(match.route == nullptr);
  CHECK(match.allow == "GET, HEAD, PUT, POST");
}

TEST_CASE("the configuration points clients back to where they found it") {
  TestVault vault([](VaultOptions& options) {
    options.featureStates = {{"pm-19148-innovation-archive", true},
                             {"cipher-key-encryption", false}};
  });
  const auto config = [&] { return vault.call(Method::Get, "/api/config").json(); };
  CHECK(config()["environment"] ==
        Json{{"vault", "https://vault.example.test"},
             {"api", "https://vault.example.test/api"},
             {"identity", "https://vault.example.test/identity"},
             {"notifications", "https://vault.example.test/notifications"},
             {"sso", ""},
             {"cloudRegion", nullptr}});
  CHECK(config()["version"] == "2026.6.0");
  CHECK(config()["featureStates"] ==
        Json{{"cipher-key-encryption", false}, {"pm-19148-innovation-archive", true}});
  CHECK(config()["push"] == Json{{"pushTechnology", 0}, {"vapidPublicKey", nullptr}});
  CHECK(config()["settings"]["disableUserRegistration"] == false);
  CHECK(config()["object"] == "config");

  vault.useMount({"/bitwarden", {}});
  CHECK(config()["environment"]["api"] == "https://vault.example.test/bitwarden/api");
  vault.restart([](VaultOptions& options) { options.origin = "https://passwords.example.org"; });
  CHECK(config()["environment"]["api"] == "https://passwords.example.org/bitwarden/api");
  CHECK(config()["featureStates"] == Json::object());
}

TEST_CASE("health, time and version are JSON strings") {
  TestVault vault;
  const std::string now = "\"" + formatIsoDate(vault.clock().now()) + "\"";
  for (const char* target :
       {"/alive", "/api/alive", "/identity/alive", "/api/now", "/identity/now"}) {
    const auto reply = vault.call(Method::Get, target);
    CHECK(reply.status == 200);
    CHECK(reply.body == now);
  }
  CHECK(vault.call(Method::Get, "/api/version").body == "\"2026.6.0\"");
  CHECK(vault.call(Method::Head, "/alive").status == 200);
  vault.database().close();
  CHECK(vault.call(Method::Get, "/alive").status == 503);
}

TEST_CASE("every answer carries the headers that keep browsers from misusing it") {
  TestVault vault;
  for (const char* target : {"/api/config", "/api/nothing", "/api/sync"}) {
    const auto reply = vault.call(Method::Get, target);
    CHECK(reply.header("Cache-Control") == "no-cache, no-store, max-age=0");
    CHECK(reply.header("X-Content-Type-Options") == "nosniff");
    CHECK(reply.header("Referrer-Policy") == "same-origin");
    CHECK(reply.header("X-Frame-Options") == "SAMEORIGIN");
    CHECK(reply.header("X-XSS-Protection") == "0");
    CHECK(reply.header("X-Robots-Tag") == "noindex, nofollow");
    CHECK(reply.header("Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(reply.header("Access-Control-Allow-Origin").empty());
  }
  CHECK(vault.call(Method::Get, "/api/sync").header("WWW-Authenticate") == "Bearer");
}

TEST_CASE("other origins are allowed for the desktop and Safari clients and for the vault itself") {
  TestVault vault;
  for (const char* origin : {"https://vault.example.test", "file://", "bw-desktop-file://bundle"}) {
    CAPTURE(origin);
    const auto reply = vault.call(Method::Get, "/api/sync", {}, {{"Origin", origin}});
    CHECK(reply.status == 401);
    CHECK(reply.header("Access-Control-Allow-Origin") == origin);
    CHECK(reply.header("Access-Control-Allow-Credentials") == "true");

    const auto preflight =
        vault.call(Method::Options, "/api/anything/at/all", {},
                   {{"Origin", origin},
                    {"Access-Control-Request-Method", "PUT"},
                    {"Access-Control-Request-Headers", "authorization,device-type"}});
    CHECK(preflight.status == 200);
    CHECK(preflight.body.empty());
    CHECK(preflight.header("Access-Control-Allow-Methods") == "PUT");
    CHECK(preflight.header("Access-Control-Allow-Headers") == "authorization,device-type");
    CHECK(preflight.header("Access-Control-Max-Age") == "86400");
    CHECK(preflight.header("Vary") == "Origin");
  }
  for (const char* origin : {"https://evil.test", "null", "https://vault.example.test.evil.test",
                             "http://vault.example.test", "file://evil"}) {
    CAPTURE(origin);
    const auto preflight =
        vault.call(Method::Options, "/api/sync", {},
                   {{"Origin", origin}, {"Access-Control-Request-Method", "GET"}});
    CHECK(preflight.status == 200);
    CHECK(preflight.header("Access-Control-Allow-Origin").empty());
    CHECK(preflight.header("Access-Control-Allow-Methods").empty());
    CHECK(preflight.header("Vary") == "Origin");
  }
}

// The requests for accounts and tokens that are on record for PascalCase servers, as their clients
// sent them, on a mount that speaks so.
TEST_CASE("the documented requests under /bitwarden get the documented answers") {
  TestVault vault;
  const std::string hash = "r5CFRR+n9NQI8a525FY+0BPR0HGOjVJX0cR1KEMnIOo=";
  const std::string key =
      "0.uRcMe+Mc2nmOet4yWx9BwA==|PGQhpYUlTUq/vBEDj1KOHVMlTIH1eecMl0j80+Zu0VRVfFa7X/MWKdVM6OM/"
      "NfSZicFEwaLWqpyBlOrBXhR+trkX/dPRnfwJD2B93hnLNGQ=";
  auto account = TestVault::registrationBody("me@alice.example.com", hash);
  account["kdfIterations"] = 10'000;
  account["key"] = key;
  account.erase("keys");
  REQUIRE(vault.postJson("/api/accounts/register", account).status == 200);
  vault.useMount({"/bitwarden", {{"casing", "pascal"}}});

  const auto prelogin =
      vault.postJson("/api/accounts/prelogin", {{"email", "me@alice.example.com"}}).json();
  CHECK(prelogin["Kdf"] == 0);
  CHECK(prelogin["KdfIterations"] == 10'000);

  const auto reply = vault.postForm(
      "/identity/connect/token",
      "grant_type=password&username=me@alice.example.com"
      "&password=r5CFRR%2Bn9NQI8a525FY%2B0BPR0HGOjVJX0cR1KEMnIOo=&scope=api offline_access"
      "&client_id=browser&deviceType=3&deviceIdentifier=aac2e34a-44db-42ab-a733-5322dd582c3d"
      "&deviceName=firefox&devicePushToken=");
  REQUIRE(reply.status == 200);
  const auto token = reply.json();
  CHECK(token["access_token"].get<std::string>().starts_with("eyJhbGciOiJSUzI1NiI"));
  CHECK(token["token_type"] == "Bearer");
  CHECK(token["expires_in"] == 7200);
  CHECK(token["Key"] == key);
  CHECK(token["Kdf"] == 0);
  CHECK(token["PrivateKey"] == nullptr);

  const auto refreshed = vault
                             .postForm("/identity/connect/token",
                                       "grant_type=refresh_token&client_id=browser&refresh_token=" +
                                           token["refresh_token"].get<std::string>())
                             .json();
  CHECK(refreshed["token_type"] == "Bearer");
  CHECK(refreshed["access_token"].is_string());

  const Headers bearer{{"Authorization", "Bearer " + token["access_token"].get<std::string>()}};
  const auto profile = vault.call(Method::Get, "/api/accounts/profile", {}, bearer).json();
  CHECK(profile["Id"].get<std::string>().size() == 36);
  CHECK(profile["Name"] == "Alice");
  CHECK(profile["Email"] == "me@alice.example.com");
  CHECK(profile["MasterPasswordHint"] == nullptr);
  CHECK(profile["Culture"] == "en-US");
  CHECK(profile["TwoFactorEnabled"] == false);
  CHECK(profile["Key"] == key);
  CHECK(profile["PrivateKey"] == nullptr);
  CHECK(profile["SecurityStamp"].get<std::string>().size() == 36);
  CHECK(profile["Organizations"] == Json::array());
  CHECK(profile["Object"] == "profile");
  CHECK_FALSE(profile.contains("id"));

  const auto refused = vault.call(Method::Get, "/api/accounts/profile").json();
  CHECK(refused["Message"] == "Unauthorized.");
  CHECK(refused["Object"] == "error");

  const auto stamp =
      vault.postJson("/api/accounts/security-stamp", {{"masterPasswordHash", hash}}, bearer);
  CHECK(stamp.status == 204);
  CHECK(stamp.body.empty());
  CHECK(vault.call(Method::Get, "/api/accounts/profile", {}, bearer).status == 401);
}
