// SPDX-License-Identifier: BSD-2-Clause
//
// The harness itself, and what must hold for every route of the vault.
#include "services/vault/testing/test_vault.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/http/request_builder.h"
#include "services/vault/crypto/rsa_key.h"
#include "services/vault/sends/send_access_guard.h"
#include "services/vault/vault_context.h"
#include "storage/database/connection.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

namespace coffer::vault::testing {
namespace {

// Made once: an RSA key takes longer than a whole test.
const std::string& signingKey() {
  static const std::string pem = RsaKey::generate().toPem();
  return pem;
}

std::filesystem::path freshFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "coffer-vault-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

std::string readBody(http::Response& response) {
  if (auto* text = std::get_if<std::string>(&response.body())) return *text;
  if (auto* file = std::get_if<http::FileBody>(&response.body())) {
    std::string all(file->length, '\0');
    const auto offset = static_cast<off_t>(file->offset);
    const auto n = ::pread(file->file.get(), all.data(), all.size(), offset);
    REQUIRE(n == static_cast<ssize_t>(all.size()));
    return all;
  }
  auto& source = std::get<std::unique_ptr<http::BodySource>>(response.body());
  std::string all;
  while (source->read(all)) {
  }
  return all;
}

std::string percentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += "%" + toHex({&c, 1});
  return out;
}

// In pieces of an odd size, as a socket may give them.
http::Response receive(const http::Route& route, http::Request& request) {
  constexpr std::size_t kPiece = 1'021;
  const auto sink = route.uploadHandler()(request);
  const std::string_view body = request.body();
  for (std::size_t at = 0; at < body.size(); at += kPiece) sink->write(body.substr(at, kPiece));
  return sink->finish();
}

http::Response answer(VaultService& service, http::Request& request) {
  http::RequestBuilder::setMatch(request, service.match(request.method(), request.segments()));
  const auto* route = request.route();
  if (route == nullptr) throw NotFound("Not Found");
  if (route->guard().admit(request, http::Lane::Io) == http::Admission::NeedsHashLane) {
    (void)route->guard().admit(request, http::Lane::Hash);
  }
  if (request.body().size() > route->limit().bytes) throw PayloadTooLarge("Body too large");
  if (route->isUpload()) return receive(*route, request);
  http::Response response = route->handler()(request);
  while (const auto rest = response.continuation()) response = rest->run(request);
  return response;
}

// The owner's list of accounts, the few devices and contacts of one account in their order, and
// what tests themselves ask.
bool readsEverythingOnPurpose(std::string_view query) {
  constexpr std::array<std::string_view, 5> kAllowed = {"users.list", "users.count", "devices.list",
                                                        "emergency_access.by_grantor",
                                                        "emergency_access.by_grantee"};
  return query.starts_with("test.") ||
         std::find(kAllowed.begin(), kAllowed.end(), query) != kAllowed.end();
}

// No query that the test ran may have read a whole table or sorted what an index keeps sorted.
void checkPlans(storage::Database& database) {
  const auto explain = [](storage::Transaction& tx) { return tx.connection().explainCached(); };
  auto steps = database.read(explain);
  const auto written = database.write(explain);
  steps.insert(steps.end(), written.begin(), written.end());
  for (const auto& step : steps) {
    if (readsEverythingOnPurpose(step.query)) continue;
    CHECK_MESSAGE(!step.text.starts_with("SCAN"), step.query << ": " << step.text);
    CHECK_MESSAGE(step.text.find("TEMP B-TREE FOR ORDER BY") == std::string::npos,
                  step.query << ": " << step.text);
  }
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equalsIgnoringCase(key, name)) return value;
  }
  return {};
}

nlohmann::json Reply::json() const {
  auto value = nlohmann::json::parse(body, nullptr, false);
  REQUIRE_MESSAGE(!value.is_discarded(), "not JSON: " << body);
  return value;
}

Reply TestClient::call(http::Method method, const std::string& target,
                       const std::string& body) const {
  return vault->call(method, target, body, {{"Authorization", "Bearer " + accessToken}});
}

Reply TestClient::get(const std::string& target) const {
  return call(http::Method::Get, target, {});
}

Reply TestClient::post(const std::string& target, const nlohmann::json& body) const {
  return call(http::Method::Post, target, body.dump());
}

Reply TestClient::put(const std::string& target, const nlohmann::json& body) const {
  return call(http::Method::Put, target, body.dump());
}

Reply TestClient::remove(const std::string& target) const {
  return call(http::Method::Delete, target, {});
}

Reply TestClient::remove(const std::string& target, const nlohmann::json& body) const {
  return call(http::Method::Delete, target, body.dump());
}

Reply TestClient::upload(const std::string& target, const std::vector<TestPart>& parts) const {
  return vault->upload(target, parts, {{"Authorization", "Bearer " + accessToken}});
}

std::int64_t TestClient::revisionDate() const {
  return get("/api/accounts/revision-date").json().get<std::int64_t>();
}

TestVault::TestVault(const std::function<void(VaultOptions&)>& change) : folder_(freshFolder()) {
  std::ofstream(folder_ / "rsa_key.pem") << signingKey();
  database_ = std::make_unique<storage::Database>(folder_ / "db.sqlite3");
  restart(change);
}

TestVault::~TestVault() {
  try {
    checkPlans(*database_);
  } catch (const Unavailable&) {  // The test closed the database.
  } catch (const std::exception& error) {
    FAIL_CHECK(std::string(error.what()));
  }
  service_.reset();
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

VaultOptions TestVault::options() const {
  VaultOptions options;
  options.folder = folder_.string();
  options.signups = SignupPolicy::Open;
  options.passwordIterations = 10;
  options.minimumClientIterations = 5'000;
  options.loginLimit.burst = 1'000;
  options.anonymousLimit.burst = 1'000;
  return options;
}

void TestVault::restart(const std::function<void(VaultOptions&)>& change) {
  auto changed = options();
  if (change) change(changed);
  service_.reset();
  service_ = std::make_unique<VaultService>(*database_, clock_, outbound_, std::move(changed));
  service_->notifier().subscribe([this](const Update& update) { updates_.push_back(update); });
}

Reply TestVault::call(http::Method method, const std::string& target, const std::string& body,
                      const Headers& headers) {
  http::RequestBuilder builder;
  builder.method(method).target(mount_->prefix + target, mount_).client(clientAddress_);
  builder.origin("https://vault.example.test", true).id("0123456789abcdef");
  for (const auto& [name, value] : headers) builder.header(name, value);
  if (!body.empty()) builder.body(body);
  http::Request request = builder.build();

  http::Response response;
  try {
    response = answer(*service_, request);
  } catch (const Fault& fault) {
    response = service_->renderError(request, fault);
  }
  service_->decorate(request, response);

  Reply reply;
  reply.status = response.status();
  reply.headers = response.headers();
  reply.body = readBody(response);
  CHECK_MESSAGE(reply.status != 500, "a fault in the program: " << target);
  return reply;
}

Reply TestVault::postJson(const std::string& target, const nlohmann::json& body,
                          const Headers& headers) {
  return call(http::Method::Post, target, body.dump(), headers);
}

Reply TestVault::postForm(const std::string& target, const std::string& form,
                          const Headers& headers) {
  return call(http::Method::Post, target, form, headers);
}

Reply TestVault::upload(const std::string& target, const std::vector<TestPart>& parts,
                        Headers headers) {
  const std::string boundary = "----test0123456789";
  std::string body;
  for (const auto& part : parts) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part.name + "\"";
    if (part.fileName) body += "; filename=\"" + *part.fileName + "\"";
    body += "\r\n\r\n" + part.content + "\r\n";
  }
  body += "--" + boundary + "--\r\n";
  headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  return call(http::Method::Post, target, body, headers);
}

void TestVault::useMount(http::MountPoint mount) {
  mount_ = std::make_shared<http::MountPoint>(std::move(mount));
}

std::string TestVault::passwordForm(const std::string& email, const std::string& passwordHash,
                                    const std::string& device) {
  return "grant_type=password&username=" + percentEncoded(email) +
         "&password=" + percentEncoded(passwordHash) +
         "&scope=api%20offline_access&client_id=cli&deviceType=25&deviceIdentifier=" +
         percentEncoded(device) + "&deviceName=linux";
}

nlohmann::json TestVault::registrationBody(const std::string& email,
                                           const std::string& passwordHash) {
  return {{"email", email},
          {"name", "Alice"},
          {"masterPasswordHash", passwordHash},
          {"masterPasswordHint", nullptr},
          {"key", sealedText(1)},
          {"kdf", 0},
          {"kdfIterations", 600'000},
          {"keys", {{"publicKey", publicKeyText()}, {"encryptedPrivateKey", sealedText(2)}}}};
}

TestClient TestVault::signUp(const std::string& email) {
  const std::string passwordHash = toBase64("hash of " + email);
  postJson("/identity/accounts/register", registrationBody(email, passwordHash));
  return logIn(email, passwordHash, randomUuid());
}

TestClient TestVault::logIn(const std::string& email, const std::string& passwordHash,
                            const std::string& device) {
  const auto reply = postForm("/identity/connect/token", passwordForm(email, passwordHash, device));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  const auto json = reply.json();
  TestClient client;
  client.vault = this;
  client.email = email;
  client.passwordHash = passwordHash;
  client.device = device;
  client.accessToken = json.at("access_token");
  client.refreshToken = json.at("refresh_token");
  const auto payload = client.accessToken.substr(client.accessToken.find('.') + 1);
  client.userId =
      nlohmann::json::parse(*fromBase64Url(payload.substr(0, payload.find('.'))))["sub"];
  return client;
}

std::string sealedText(int n) {
  return "2." + toBase64(std::string(16, static_cast<char>('a' + n % 26))) + "|" +
         toBase64("ciphertext " + std::to_string(n)) + "|" + toBase64(std::string(32, 'm'));
}

std::string publicKeyText() { return toBase64("a public key"); }

namespace {

// The pattern with something in the place of its parameters.
std::string examplePath(const std::string& pattern) {
  std::string path;
  std::istringstream segments(pattern.substr(1));
  for (std::string segment; std::getline(segments, segment, '/');) {
    path += "/" + (segment.front() == '{' ? "0f01a66f-7802-42bc-9647-a82600f11e10" : segment);
  }
  return path;
}

bool isPublic(const http::Route& route) { return &route.guard() == &http::anyone(); }

// The token with one character of its signature changed.
std::string tampered(std::string token) {
  char& c = token[token.size() - 10];
  c = c == 'A' ? 'B' : 'A';
  return token;
}

}  // namespace

TEST_CASE("every route that is not public answers 401 to whoever has no valid session") {
  TestVault vault;
  auto alice = vault.signUp("alice@example.test");
  auto disabled = vault.signUp("disabled@example.test");
  auto rotated = vault.signUp("rotated@example.test");
  auto removed = vault.signUp("removed@example.test");
  REQUIRE(
      rotated.post("/api/accounts/security-stamp", {{"masterPasswordHash", rotated.passwordHash}})
          .status == 200);
  REQUIRE(removed.remove("/api/devices/" + removed.device).status == 200);
  vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::UserStore(tx).setEnabled(disabled.userId, false, vault.clock().now()));
  });

  TestVault elsewhere;  // The same signing key, and no such account.
  const auto stranger = elsewhere.signUp("alice@example.test");
  const auto parts = alice.accessToken.find('.');
  const std::string noSignature =
      toBase64Url(R"({"alg":"none","typ":"JWT"})") +
      alice.accessToken.substr(parts, alice.accessToken.rfind('.') + 1 - parts);

  std::vector<std::pair<const char*, Headers>> callers{
      {"no token", {}},
      {"an empty token", {{"Authorization", "Bearer "}}},
      {"text", {{"Authorization", "Bearer abc.def.ghi"}}},
      {"another scheme", {{"Authorization", "Basic " + alice.accessToken}}},
      {"a changed token", {{"Authorization", "Bearer " + tampered(alice.accessToken)}}},
      {"a token without signature", {{"Authorization", "Bearer " + noSignature}}},
      {"a disabled account", {{"Authorization", "Bearer " + disabled.accessToken}}},
      {"an old stamp", {{"Authorization", "Bearer " + rotated.accessToken}}},
      {"a removed device", {{"Authorization", "Bearer " + removed.accessToken}}},
      {"an unknown account", {{"Authorization", "Bearer " + stranger.accessToken}}},
  };
  std::size_t guarded = 0;
  for (const auto& route : vault.service().routes()) {
    if (isPublic(route)) continue;
    ++guarded;
    const auto path = examplePath(route.pattern());
    for (const auto& caller : callers) {
      CAPTURE(caller.first);
      CAPTURE(path);
      const auto reply = vault.call(route.method(), path, "{}", caller.second);
      CHECK(reply.status == 401);
      CHECK(reply.json()["message"] == "Unauthorized.");
    }
  }
  CHECK(guarded > 50);

  vault.clock().advance(2 * kHour + kMinute);
  for (const auto& route : vault.service().routes()) {
    if (isPublic(route)) continue;
    const auto reply = vault.call(route.method(), examplePath(route.pattern()), "{}",
                                  {{"Authorization", "Bearer " + alice.accessToken}});
    CAPTURE(route.pattern());
    CHECK(reply.status == 401);
  }
}

TEST_CASE("only the routes that must be are public") {
  TestVault vault;
  std::set<std::string> open;
  for (const auto& route : vault.service().routes()) {
    if (isPublic(route)) open.insert(std::string(nameOf(route.method())) + " " + route.pattern());
  }
  const std::set<std::string> expected{
      "GET /.well-known/apple-app-site-association",
      "GET /api/auth-requests/{id}/response",
      "GET /app-id.json",
      "GET /identity/accounts/webauthn/assertion-options",
      "GET /notifications/anonymous-hub",
      "POST /api/auth-requests",

      "GET /",
      "GET /css/vaultwarden.css",
      "GET /icons/change-password-uri",
      "GET /icons/config",
      "GET /icons/{host}/icon.png",
      "GET /index.html",
      "GET /{path*}",
      "GET /alive",
      "GET /api/alive",
      "GET /api/ciphers/attachment/download",
      "GET /api/config",
      "GET /api/devices/knowndevice",
      "GET /api/devices/knowndevice/{email}/{identifier}",
      "GET /api/now",
      "GET /api/sends/{id}/{fileId}",
      "GET /api/version",
      "GET /attachments/{id}/{aid}",
      "GET /identity/account/prevalidate",
      "GET /identity/alive",
      "GET /identity/now",
      "GET /identity/sso/prevalidate",
      "OPTIONS /{path*}",
      "POST /api/accounts/delete-recover",
      "POST /api/accounts/delete-recover-token",
      "POST /api/accounts/password-hint",
      "POST /api/accounts/prelogin",
      "POST /api/accounts/register",
      "POST /api/accounts/resend-new-device-otp",
      "POST /api/accounts/verify-email-token",
      "POST /api/devices/identifier/{id}/clear-token",
      "POST /api/sends/access/{id}",
      "POST /api/sends/{id}/access/file/{fileId}",
      "POST /api/two-factor/recover",
      "POST /api/two-factor/send-email-login",
      "POST /identity/accounts/prelogin",
      "POST /identity/accounts/prelogin/password",
      "POST /identity/accounts/register",
      "POST /identity/accounts/register/finish",
      "POST /identity/accounts/register/send-verification-email",
      "POST /identity/accounts/register/verification-email-clicked",
      "POST /identity/connect/token",
      "PUT /api/devices/identifier/{id}/clear-token",
  };
  for (const auto& route : open) CHECK_MESSAGE(expected.contains(route), "is public: " << route);
  for (const auto& route : expected) CHECK_MESSAGE(open.contains(route), "is not: " << route);
}

TEST_CASE("no route of the vault ever answers 403, and a broken body is 400") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::set<std::string> endsSession{"/api/accounts", "/api/accounts/delete"};
  for (const auto& route : vault.service().routes()) {
    if (route.guard().description() != "vault session") continue;
    if (endsSession.contains(route.pattern())) continue;
    if (&route.guard() == &vault.service().context().sendAccess)
      continue;  // No login token enters.
    const auto path = examplePath(route.pattern());
    for (const std::string body : {"", "{", "[]", "{}", "null", "\xFF"}) {
      if (body.size() > route.limit().bytes) continue;
      CAPTURE(path);
      CAPTURE(body);
      const auto reply = alice.call(route.method(), path, body);
      CHECK(reply.status != 403);
      CHECK(reply.status != 401);
      CHECK(reply.status < 500);
    }
  }
}

}  // namespace coffer::vault::testing
