// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/web_vault_routes.h"

#include "services/vault/testing/test_vault.h"
#include "services/vault/web_vault/pages.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using http::Method;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << content;
}

// A vault with the beginnings of a web vault's build.
class WithBuild {
 public:
  WithBuild() {
    build = vault.folder() / "build";
    put(build / "index.html", "<html><head><title>Vault</title></head></html>");
    put(build / "app/main.0123456789abcdef.js", "code");
    put(build / "app/main.0123456789abcdef.js.br", "small");
    put(build / "app/main.0123456789abcdef.js.gz", "smaller");
    put(build / "locales/en/messages.json", R"({"hello":{"message":"Hello"}})");
    put(build / "webauthn-connector.html", "<html></html>");
    put(build / "images/icon.png", "image");
    put(build / ".hidden", "hidden");
    vault.restart([this](VaultOptions& options) { change(options); });
  }
  void change(VaultOptions& options) const { options.webVault.folder = build.string(); }
  Reply get(const std::string& target, const Headers& headers = {}) {
    return vault.call(Method::Get, target, {}, headers);
  }

  TestVault vault;
  fs::path build;
};

}  // namespace

TEST_CASE("a web vault's files are served with the rules for caching that their names allow") {
  WithBuild with;
  const auto script = with.get("/app/main.0123456789abcdef.js");
  CHECK(script.status == 200);
  CHECK(script.body == "code");
  CHECK(script.header("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(script.header("Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(script.header("Vary") == "Accept-Encoding");
  CHECK(script.header("Content-Encoding").empty());

  const auto locale = with.get("/locales/en/messages.json?cache=1");
  CHECK(locale.header("Cache-Control") == "no-cache");
  const auto again =
      with.get("/locales/en/messages.json", {{"If-None-Match", locale.header("ETag")}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again.header("ETag") == locale.header("ETag"));
  CHECK(again.header("Cache-Control") == "no-cache");
  put(with.build / "locales/en/messages.json", R"({"hello":{"message":"Moin"}})");
  CHECK(with.get("/locales/en/messages.json", {{"If-None-Match", locale.header("ETag")}}).status ==
        200);
}

TEST_CASE("a compressed sibling is sent to who takes it") {
  WithBuild with;
  const auto ask = [&](const char* accepted) {
    return with.get("/app/main.0123456789abcdef.js", {{"Accept-Encoding", accepted}});
  };
  CHECK(ask("gzip, deflate, br").body == "small");
  CHECK(ask("gzip, deflate, br").header("Content-Encoding") == "br");
  CHECK(ask("gzip").body == "smaller");
  CHECK(ask("gzip").header("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(ask("gzip;q=0").body == "code");
  CHECK(ask("gzip").header("ETag") != ask("br").header("ETag"));
  CHECK(with.get("/images/icon.png", {{"Accept-Encoding", "br"}}).header("Vary") == "Origin");
}

TEST_CASE("the front page is the build's index, with a link to the stylesheet") {
  WithBuild with;
  const auto page = with.get("/");
  CHECK(page.status == 200);
  CHECK(page.body ==
        "<html><head><title>Vault</title>"
        "<link rel=\"stylesheet\" href=\"css/vaultwarden.css\"></head></html>");
  CHECK(page.header("Cache-Control") == "no-cache");
  CHECK(with.get("/", {{"If-None-Match", page.header("ETag")}}).status == 304);
  CHECK(with.vault.call(Method::Head, "/").status == 200);

  const auto index = with.get("/index.html");
  CHECK(index.status == 303);
  CHECK(index.header("Location") == "/");
  with.vault.useMount({"/bitwarden", {{"casing", "pascal"}}});
  CHECK(with.get("/index.html").header("Location") == "/bitwarden/");
  CHECK(with.get("").header("Location") == "/bitwarden/");
  CHECK(with.get("/").status == 200);
  CHECK(with.get("/locales/en/messages.json").body == R"({"hello":{"message":"Hello"}})");

  put(with.build / "index.html", "<head><link href=\"css/vaultwarden.css\"></head>");
  CHECK(with.get("/").body == "<head><link href=\"css/vaultwarden.css\"></head>");
}

TEST_CASE("what is no file is a small page, and never one outside of the folder") {
  WithBuild with;
  put(with.vault.folder() / "secret", "secret");
  fs::create_symlink(with.vault.folder() / "secret", with.build / "link.txt");
  for (const char* target : {"/missing.js", "/app", "/app/", "/.hidden", "/link.txt",
                             "/app/main.0123456789abcdef.js/x"}) {
    CAPTURE(target);
    const auto reply = with.get(target);
    CHECK(reply.status == 404);
    CHECK(reply.body.find("secret") == std::string::npos);
  }
  CHECK(with.get("/missing.js").header("Content-Type") == "text/html; charset=utf-8");
  CHECK(with.get("/missing.js").header("Cache-Control") == "no-cache, no-store, max-age=0");
  CHECK(with.vault.call(Method::Post, "/missing.js", "{}").json()["object"] == "error");
}

TEST_CASE("the protocol's paths are never files, and wrong methods stay wrong methods") {
  WithBuild with;
  for (const char* folder :
       {"api", "identity", "icons", "notifications", "events", "attachments"}) {
    put(with.build / folder / "file.json", "a file");
    const auto reply = with.get("/" + std::string(folder) + "/file.json");
    CHECK(reply.status == 404);
    CHECK(reply.json()["object"] == "error");
  }
  const auto match = with.vault.service().match(
      Method::Get, std::vector<std::string>{"api", "accounts", "prelogin"});
  CHECK(match.route == nullptr);
  CHECK(match.allow == "POST");
}

TEST_CASE("pages, images, connectors and data have the policies that they need") {
  WithBuild with;
  with.vault.restart([&](VaultOptions& options) {
    with.change(options);
    options.webVault.frameAncestors = {"https://portal.example.org"};
    options.webVault.connectSources = {"https://status.example.org"};
    options.icons.service = "google";
  });
  const auto policy = with.get("/").header("Content-Security-Policy");
  for (const char* part :
       {"default-src 'none'; ", "; script-src 'self' 'wasm-unsafe-eval'; ",
        "moz-extension://* https://portal.example.org; ",
        "img-src 'self' data: https://haveibeenpwned.com https://www.google.com/s2/favicons "
        "https://*.gstatic.com/favicon; ",
        "https://status.example.org wss://vault.example.test"}) {
    CAPTURE(part);
    CHECK(policy.find(part) != std::string::npos);
  }
  CHECK(policy == with.get("/app/main.0123456789abcdef.js").header("Content-Security-Policy"));
  CHECK(with.get("/").header("X-Frame-Options") == "SAMEORIGIN");
  CHECK(with.get("/").header("Permissions-Policy").find("usb=()") != std::string::npos);
  CHECK(with.get("/").header("Permissions-Policy").find("publickey") == std::string::npos);

  const auto connector = with.get("/webauthn-connector.html");
  CHECK(connector.status == 200);
  CHECK(connector.header("Content-Security-Policy").empty());
  CHECK(connector.header("X-Frame-Options").empty());
  CHECK(connector.header("Cache-Control") == "no-cache");
  CHECK(connector.header("Cross-Origin-Resource-Policy") == "same-origin");

  const auto image = with.get("/images/icon.png");
  CHECK(image.header("Content-Security-Policy").starts_with("default-src 'none'; img-src 'self'"));
  CHECK(image.header("Cross-Origin-Resource-Policy").empty());
  CHECK(with.get("/api/config").header("Content-Security-Policy") ==
        "default-src 'none'; frame-ancestors 'none'");

  for (const char* source : {"", "a b", "a;b", "a,b", "a\nb"}) {
    CAPTURE(source);
    CHECK_THROWS_AS(with.vault.restart(
                        [&](VaultOptions& options) { options.webVault.frameAncestors = {source}; }),
                    UsageError);
  }
  with.vault.restart();
}

TEST_CASE("the stylesheet hides what this server does not offer") {
  TestVault vault;
  const auto css = [&] { return vault.call(Method::Get, "/css/vaultwarden.css"); };
  const auto hides = [&](std::string_view selector) {
    return css().body.find(std::string(selector) + " { display: none !important; }") !=
           std::string::npos;
  };
  CHECK(css().header("Content-Type") == "text/css; charset=utf-8");
  CHECK(css().header("Cache-Control") == "no-cache");
  CHECK(
      vault.call(Method::Get, "/css/vaultwarden.css", {}, {{"If-None-Match", css().header("ETag")}})
          .status == 304);
  CHECK(hides(".vw-sso-login"));
  CHECK(hides(".providers-2fa-1"));
  CHECK(hides(".providers-2fa-3"));
  CHECK_FALSE(hides(".providers-2fa-7"));
  CHECK_FALSE(hides(".vw-passkey-login"));
  CHECK_FALSE(hides(R"(app-root a[routerlink="/signup"])"));
  CHECK_FALSE(hides(R"(bit-nav-item[route="sends"])"));

  const auto before = css().header("ETag");
  vault.restart([](VaultOptions& options) {
    options.signups = SignupPolicy::Closed;
    options.sends = false;
    options.emergencyAccess = false;
    options.passwordHints = false;
    options.rememberTwoFactor = false;
    options.origin = "https://192.0.2.7:8443";
    options.yubico.clientId = "1";
    options.mail.host = "mail.example.test";
    options.mail.from = "vault@example.test";
  });
  CHECK(before != css().header("ETag"));
  for (const char* selector :
       {R"(app-root a[routerlink="/signup"])", R"(bit-nav-item[route="sends"])",
        R"(bit-nav-item[route="settings/emergency-access"])", R"(a[routerlink="/hint"])",
        "app-two-factor-auth > form > bit-form-control", ".providers-2fa-7"}) {
    CAPTURE(selector);
    CHECK(hides(selector));
  }
  CHECK_FALSE(hides(".providers-2fa-1"));
  CHECK_FALSE(hides(".providers-2fa-3"));
}

TEST_CASE("without a build the front page says what is running and how to connect") {
  TestVault vault;
  const auto page = vault.call(Method::Get, "/");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(
      page.header("Content-Security-Policy").starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(page.header("X-Frame-Options") == "DENY");
  CHECK(page.body.find("<kbd>https://vault.example.test</kbd>") != std::string::npos);
  CHECK(page.body.find("bw config server https://vault.example.test<") != std::string::npos);
  CHECK(page.body.find("coffer vault web-vault install") != std::string::npos);
  CHECK(page.body.find(COFFER_VERSION) != std::string::npos);
  CHECK(page.body.find("{url}") == std::string::npos);
  CHECK(page.body.find("{version}") == std::string::npos);
  CHECK(page.body.size() < 8192);

  vault.useMount({"/bitwarden", {}});
  CHECK(vault.call(Method::Get, "/").body.find("<kbd>https://vault.example.test/bitwarden</kbd>") !=
        std::string::npos);
  vault.restart([](VaultOptions& options) { options.origin = "https://pass.example.org"; });
  CHECK(vault.call(Method::Get, "/").body.find("<kbd>https://pass.example.org/bitwarden</kbd>") !=
        std::string::npos);
  CHECK(vault.call(Method::Get, "/nothing").body.find("href=\"/bitwarden/\"") != std::string::npos);
}

TEST_CASE("text from outside cannot become part of a page") {
  CHECK(escapedForHtml(R"(<a href="x">&'b')") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;b&#39;");
  const auto page = startPage("https://x\"><script>");
  CHECK(std::get<std::string>(page.body()).find("<script>") == std::string::npos);
}

TEST_CASE("switched off, there is no page and no file") {
  WithBuild with;
  with.vault.restart([&](VaultOptions& options) {
    with.change(options);
    options.webVault.isEnabled = false;
  });
  for (const char* target : {"/", "/index.html", "/images/icon.png", "/css/vaultwarden.css"}) {
    CAPTURE(target);
    CHECK(with.get(target).status == 404);
    CHECK(with.get(target).json()["object"] == "error");
  }
  CHECK(with.get("/alive").status == 200);
  CHECK(with.get("/app-id.json").status == 200);
}
