// SPDX-License-Identifier: BSD-2-Clause
//
// Duo as second factor: setting it up, going there and coming back.
#include "services/vault/crypto/other_digests.h"
#include "services/vault/two_factor/duo_application.h"
#include "services/vault/two_factor/factor_harness.h"

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kGet = "/api/two-factor/get-duo";
constexpr const char* kPut = "/api/two-factor/duo";
constexpr const char* kHost = "api-0a1b2c3d.duosecurity.com";
constexpr const char* kClientId = "DIABCDEFGHIJKLMNOPQR";
constexpr const char* kSecret = "0123456789abcdefghij0123456789ABCDEFGHIJ";
constexpr const char* kOtherDevice = "0c2e34aa-44db-42ab-a733-5322dd582c3e";
constexpr int kProvider = 2;

std::string signedToken(const Json& claims, const std::string& secret = kSecret) {
  const auto part = toBase64Url(R"({"alg":"HS512"})") + "." + toBase64Url(claims.dump());
  return part + "." + toBase64Url(hmacSha512(secret, part));
}

// A field of a form or a query, decoded.
std::string field(const std::string& form, const std::string& name) {
  const auto found = ("&" + form).find("&" + name + "=");
  if (found == std::string::npos) return {};
  const auto at = found + name.size() + 1;
  const auto raw = form.substr(at, form.find('&', at) - at);
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      text += raw[i];
      continue;
    }
    text += *fromHex(toLowerAscii(raw.substr(i + 1, 2)));
    i += 2;
  }
  return text;
}

std::string queryOf(const std::string& url) { return url.substr(url.find('?') + 1); }

// The server at kHost. Whoever was sent there approves.
struct Duo {
  explicit Duo(TestVault& box) : vault(box) {
    vault.outbound().answer = [this](const outbound::HttpRequest& request) {
      return outbound::HttpAnswer{status, {}, answer(request), request.url, false};
    };
  }

  std::string answer(const outbound::HttpRequest& request) {
    CHECK(request.method == "POST");
    CHECK(request.maxRedirects == 0);
    requireAssertion(request);
    if (request.url == base + "/oauth/v1/health_check") return health;
    REQUIRE(request.url == base + "/oauth/v1/token");
    CHECK(field(request.body, "grant_type") == "authorization_code");
    CHECK(field(request.body, "redirect_uri") == prompt["redirect_uri"]);
    if (field(request.body, "code") != "the code") {
      return R"({"error":"invalid_grant","error_description":"The code is unknown."})";
    }
    Json claims = {{"iss", base + "/oauth/v1/token"},
                   {"aud", kClientId},
                   {"exp", vault.clock().now() / kSecond + 300},
                   {"nonce", prompt["nonce"]},
                   {"preferred_username", prompt["duo_uname"]},
                   {"auth_result", {{"result", "allow"}}}};
    claims.update(said);
    return Json{{"id_token", signedToken(claims, secret)}, {"token_type", "Bearer"}}.dump();
  }

  void requireAssertion(const outbound::HttpRequest& request) const {
    const auto token = field(request.body, "client_assertion");
    const auto dot = token.rfind('.');
    CHECK(token.substr(dot + 1) == toBase64Url(hmacSha512(kSecret, token.substr(0, dot))));
    const auto claims = claimsOf(token);
    CHECK(claims["iss"] == kClientId);
    CHECK(claims["sub"] == kClientId);
    CHECK(claims["aud"] == request.url);
    CHECK(claims["jti"].get<std::string>().size() == 64);
    CHECK(claims["exp"] == vault.clock().now() / kSecond + 300);
  }

  // A login goes to Duo and comes back with what the client then shows.
  std::string approve(const TestClient& client, const std::string& device = kDevice,
                      const std::string& code = "the%20code") {
    const auto asked = tryLogin(client, device);
    REQUIRE_MESSAGE(isChallenge(asked), asked.body);
    const std::string url = asked.json()["TwoFactorProviders2"]["2"]["AuthUrl"];
    prompt = claimsOf(field(queryOf(url), "request"));
    return code + "%7C" + prompt["state"].get<std::string>();
  }

  TestVault& vault;
  std::string base = std::string("https://") + kHost;
  int status = 200;
  std::string health = R"({"stat":"OK","response":{"timestamp":1}})";
  std::string secret = kSecret;
  Json prompt;                 // The claims it was sent.
  Json said = Json::object();  // In the place of what is right.
};

Json duoForm(const TestClient& client, const Json& more = Json::object()) {
  Json body = {{"host", kHost}, {"clientId", kClientId}, {"clientSecret", kSecret}};
  body.update(more);
  return secretOf(client, body);
}

void enableDuo(const TestClient& client) {
  const auto reply = client.put(kPut, duoForm(client));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
}

std::string messageOf(const Reply& reply) {
  const auto body = reply.json();
  return body.contains("ErrorModel") ? body["ErrorModel"]["Message"] : body["message"];
}

Reply show(const TestClient& client, const std::string& token, const char* device = kDevice) {
  return tryLogin(client, device, {kProvider, token});
}

std::string storedData(TestVault& vault, const TestClient& client) {
  return vault.database().read([&](storage::Transaction& tx) {
    return storage::TwoFactorStore(tx).find(client.userId, kProvider)->data;
  });
}

void configure(VaultOptions& options) {
  options.duo.host = kHost;
  options.duo.clientId = kClientId;
  options.duo.clientSecret = Secret(kSecret);
}

}  // namespace

TEST_CASE("hosts are Duo's own") {
  CHECK(isDuoHost(kHost));
  CHECK(isDuoHost("api-1.duofederal.com"));
  for (const char* host :
       {"", "api-.duosecurity.com", "duosecurity.com", "api-1.duosecurity.com.example.test",
        "api-1.example.test", "api-1.x.duosecurity.com", "api-1/@duosecurity.com",
        "api-1#.duosecurity.com", "user@api-1.duosecurity.com", "api-1.duosecurity.com:8443",
        "https://api-1.duosecurity.com", "api-1duosecurity.com", "API-1.duosecurity.com",
        "api-1 .duosecurity.com", "xapi-1.duosecurity.com", "api-1.duosecurity.com.",
        "api-1.duosecurity.com/", "127.0.0.1"}) {
    CAPTURE(host);
    CHECK_FALSE(isDuoHost(host));
  }
  CHECK_FALSE(isDuoHost("api-" + std::string(60, 'a') + ".duosecurity.com"));
}

TEST_CASE("an application of one's own is set up by clients of every year") {
  TestVault vault;
  const Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  const auto before = alice.post(kGet, secretOf(alice)).json();
  CHECK(before["enabled"] == false);
  CHECK(before["host"].is_null());
  CHECK(before["object"] == "twoFactorDuo");

  Json body = duoForm(alice);
  SUBCASE("with the password") {}
  SUBCASE("with the token of the answer before") {
    body.erase("masterPasswordHash");
    body["userVerificationToken"] = before["userVerificationToken"];
  }
  SUBCASE("with the names of before 2024") {
    body =
        secretOf(alice, {{"host", kHost}, {"integrationKey", kClientId}, {"secretKey", kSecret}});
  }
  SUBCASE("with the host in capitals") { body["host"] = "API-0A1B2C3D.duosecurity.com"; }
  const auto reply = alice.put(kPut, body);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  const Json fields = {{"enabled", true},
                       {"host", kHost},
                       {"clientId", kClientId},
                       {"clientSecret", "0123************"}};
  Json expected = fields;
  expected["duo"] = fields;
  expected["object"] = "twoFactorDuoUpdate";
  CHECK(reply.json() == expected);
  CHECK(isSecured(alice));
  CHECK(alice.post(kGet, secretOf(alice)).json()["duo"] == fields);
  CHECK(Json::parse(storedData(vault, alice)) ==
        Json{{"host", kHost}, {"ik", kClientId}, {"sk", kSecret}});
}

TEST_CASE("what Duo would not take is not set up") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  const Json changes[] = {
      {{"host", "api-1.example.test"}},
      {{"host", ""}},
      {{"clientId", "short"}},
      {{"clientId", std::string(20, '&')}},
      {{"clientSecret", std::string(39, 'a')}},
      {{"clientSecret", "0123************"}},
      {{"clientSecret", nullptr}},
      {{"host", ""}, {"clientId", ""}, {"clientSecret", ""}},
      {{"masterPasswordHash", "wrong"}},
  };
  for (const auto& change : changes) {
    CAPTURE(change.dump());
    CHECK(alice.put(kPut, duoForm(alice, change)).status == 400);
  }
  CHECK(vault.outbound().seen().empty());

  duo.health = R"({"stat":"FAIL","code":40002,"message":"invalid_client"})";
  duo.status = 400;
  const auto unknown = alice.put(kPut, duoForm(alice));
  CHECK(unknown.status == 400);
  CHECK(messageOf(unknown).find("does not know") != std::string::npos);
  for (const char* text : {"", "<html>", "[]", "{}", R"({"stat":7})"}) {
    duo.health = text;
    duo.status = 200;
    CHECK(messageOf(alice.put(kPut, duoForm(alice))).find("not answer") != std::string::npos);
  }
  duo.status = 500;
  CHECK(alice.put(kPut, duoForm(alice)).status == 400);
  vault.outbound().answer = nullptr;
  CHECK(alice.put(kPut, duoForm(alice)).status == 400);
  CHECK_FALSE(isSecured(alice));
}

TEST_CASE("who names no application uses the box's, and is not told its secret") {
  TestVault vault(configure);
  const Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  Json body = secretOf(alice);
  SUBCASE("with empty fields") { body.update({{"host", ""}, {"clientId", ""}}); }
  SUBCASE("with the fields as they were shown") {
    const auto shown = alice.post(kGet, secretOf(alice)).json()["duo"];
    CHECK(shown["host"].is_string());
    body.update(shown);
  }
  const auto reply = alice.put(kPut, body);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  CHECK(reply.json()["clientId"] == "DIAB************");
  CHECK(reply.body.find(kSecret) == std::string::npos);
  CHECK(storedData(vault, alice).empty());
  CHECK(isSecured(alice));
  CHECK(isChallenge(tryLogin(alice, kDevice)));

  // Once the box has no application any more, nobody gets in by the password alone.
  const auto code =
      alice.post("/api/two-factor/get-recover", secretOf(alice)).json()["code"].get<std::string>();
  vault.restart();
  CHECK(alice.get("/api/two-factor").json()["data"].empty());
  CHECK(isWrongFactor(tryLogin(alice, kDevice)));
  CHECK(isWrongFactor(show(alice, "the%20code%7C" + std::string(64, 'a'))));
  CHECK(tryLogin(alice, kDevice, {.provider = 8, .token = code}).status == 200);
}

TEST_CASE("a login goes to Duo and comes back once") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  enableDuo(alice);

  const auto asked = tryLogin(alice, kDevice);
  REQUIRE(isChallenge(asked));
  const auto challenge = asked.json()["TwoFactorProviders2"]["2"];
  CHECK(challenge["Host"] == kHost);
  const std::string url = challenge["AuthUrl"];
  CHECK(url.starts_with("https://api-0a1b2c3d.duosecurity.com/oauth/v1/authorize?"));
  CHECK(field(queryOf(url), "response_type") == "code");
  CHECK(field(queryOf(url), "client_id") == kClientId);

  const auto token = duo.approve(alice);
  CHECK(duo.prompt["response_type"] == "code");
  CHECK(duo.prompt["scope"] == "openid");
  CHECK(duo.prompt["client_id"] == kClientId);
  CHECK(duo.prompt["iss"] == kClientId);
  CHECK(duo.prompt["aud"] == duo.base);
  CHECK(duo.prompt["duo_uname"] == alice.email);
  CHECK(duo.prompt["exp"] == vault.clock().now() / kSecond + 300);
  CHECK(duo.prompt["state"].get<std::string>().size() == 64);
  CHECK(duo.prompt["nonce"].get<std::string>().size() == 64);
  const std::string back = duo.prompt["redirect_uri"];
  CHECK(back.starts_with("https://vault.example.test/duo-redirect-connector.html?client="));

  CHECK(show(alice, token).status == 200);
  CHECK(isWrongFactor(show(alice, token)));
}

TEST_CASE("each kind of client comes back to its own page") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  enableDuo(alice);
  const std::pair<const char*, const char*> clients[] = {
      {"web", "web"},       {"browser", "browser"}, {"desktop", "desktop"},
      {"mobile", "mobile"}, {"cli", "cli"},         {"other", "web"}};
  for (const auto& client : clients) {
    CAPTURE(client.first);
    std::string form = TestVault::passwordForm(alice.email, alice.passwordHash, kDevice);
    const auto at = form.find("client_id=") + 10;
    form.replace(at, form.find('&', at) - at, client.first);
    const auto asked = vault.postForm(kToken, form, kNewClient);
    REQUIRE_MESSAGE(isChallenge(asked), asked.body);
    const std::string url = asked.json()["TwoFactorProviders2"]["2"]["AuthUrl"];
    duo.prompt = claimsOf(field(queryOf(url), "request"));
    CHECK(duo.prompt["redirect_uri"] ==
          std::string("https://vault.example.test/duo-redirect-connector.html?client=") +
              client.second);
    form += "&twoFactorProvider=2&twoFactorToken=the%20code%7C" +
            duo.prompt["state"].get<std::string>();
    CHECK(vault.postForm(kToken, form, kNewClient).status == 200);
  }
}

TEST_CASE("who does not come back from where this login was sent is refused") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  enableDuo(alice);
  enableDuo(bob);
  const auto token = duo.approve(alice);
  const auto state = token.substr(token.find("%7C") + 3);
  const auto wrong = [&](const TestClient& client, const std::string& shown,
                         const char* device = kDevice) {
    CAPTURE(shown);
    CHECK(isWrongFactor(show(client, shown, device)));
  };
  const auto calls = vault.outbound().seen().size();
  wrong(alice, "the%20code");
  wrong(alice, state);
  wrong(alice, "%7C" + state);
  wrong(alice, "the%20code%7C");
  wrong(alice, "the%20code%7C" + std::string(64, 'a'));
  wrong(alice, token + "a");
  wrong(alice, std::string(1'025, 'a') + "%7C" + state);
  wrong(bob, token);
  CHECK(vault.outbound().seen().size() == calls);  // Duo is not asked about those.

  SUBCASE("in time, it is right") { CHECK(show(alice, token).status == 200); }
  SUBCASE("too late") {
    vault.clock().advance(5 * kMinute);
    wrong(alice, token);
  }
  SUBCASE("on another device") { wrong(alice, token, kOtherDevice); }
  SUBCASE("with a code that Duo does not know, and then with the right one") {
    duo.status = 400;
    wrong(alice, "stolen%7C" + state);
    duo.status = 200;
    wrong(alice, token);
  }
  SUBCASE("after Duo was disabled and enabled again") {
    REQUIRE(alice.remove(kPut, secretOf(alice)).status == 200);
    enableDuo(alice);
    wrong(alice, token);
  }
}

TEST_CASE("an identity that is not this person's and this login's opens nothing") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  enableDuo(alice);
  const auto token = duo.approve(alice);
  SUBCASE("of somebody else") { duo.said = {{"preferred_username", "bob@example.test"}}; }
  SUBCASE("of another login") { duo.said = {{"nonce", std::string(64, '0')}}; }
  SUBCASE("for another application") { duo.said = {{"aud", "DIZZZZZZZZZZZZZZZZZZ"}}; }
  SUBCASE("from elsewhere") { duo.said = {{"iss", "https://example.test/oauth/v1/token"}}; }
  SUBCASE("of yesterday") { duo.said = {{"exp", vault.clock().now() / kSecond - 61}}; }
  SUBCASE("that was denied") { duo.said = {{"auth_result", {{"result", "deny"}}}}; }
  SUBCASE("signed by somebody else") { duo.secret = std::string(40, 'x'); }
  CHECK(isWrongFactor(show(alice, token)));
  duo.said = Json::object();
  duo.secret = kSecret;
  CHECK(show(alice, duo.approve(alice)).status == 200);
}

TEST_CASE("while Duo does not answer, people are told so, and other factors still work") {
  TestVault vault;
  Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  enableDuo(alice);
  const auto token = duo.approve(alice);
  const auto isUnanswered = [](const Reply& reply) {
    return isWrongFactor(reply) && messageOf(reply).find("Duo does not") != std::string::npos;
  };
  duo.status = 503;
  CHECK(isUnanswered(show(alice, token)));
  CHECK(isUnanswered(tryLogin(alice, kDevice)));
  duo.status = 400;
  duo.health = R"({"stat":"FAIL","message":"invalid_client"})";
  CHECK(isUnanswered(tryLogin(alice, kDevice)));
  const auto answers = std::exchange(vault.outbound().answer, nullptr);
  CHECK(isUnanswered(tryLogin(alice, kDevice)));

  vault.outbound().answer = answers;
  duo.status = 200;
  duo.health = R"({"stat":"OK"})";
  const auto key = enableAuthenticator(alice);
  vault.outbound().answer = nullptr;
  const auto asked = tryLogin(alice, kDevice);
  REQUIRE(isChallenge(asked));
  CHECK(asked.json()["TwoFactorProviders"] == Json{"0", "2"});
  CHECK(asked.json()["TwoFactorProviders2"]["2"] == Json{{"AuthUrl", nullptr}, {"Host", kHost}});
  CHECK(tryLogin(alice, kDevice, {0, nextCode(vault, key)}).status == 200);
}

TEST_CASE("a host that is none of Duo's is never called, whoever configured it") {
  TestVault vault([](VaultOptions& options) {
    configure(options);
    options.duo.host = "duo.example.test";
  });
  const Duo duo(vault);
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.put(kPut, secretOf(alice)).status == 400);
  CHECK(vault.outbound().seen().empty());
}
