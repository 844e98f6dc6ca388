// SPDX-License-Identifier: BSD-2-Clause
//
// The routes of icons over a FakeOutbound: what is asked of which site, what is kept, what clients
// get.
#include "services/vault/icons/icon_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/icons/icon_image.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using outbound::HttpAnswer;
using outbound::HttpRequest;
using outbound::OutboundFault;
using Reason = OutboundFault::Reason;

namespace {

std::string png(const std::string& name) { return "\x89PNG\r\n\x1A\n" + name; }

// The part of the internet that a test needs: URL → body. Names of the rest are not known.
class Sites {
 public:
  explicit Sites(TestVault& vault) {
    vault.outbound().answer = [this](const HttpRequest& request) { return answer(request); };
  }
  std::map<std::string, std::string> pages;
  std::map<std::string, Reason> failures;

 private:
  HttpAnswer answer(const HttpRequest& request) const {
    if (const auto at = failures.find(request.url); at != failures.end()) {
      throw OutboundFault(at->second, request.url);
    }
    const auto found = pages.find(request.url);
    HttpAnswer answer;
    answer.url = request.url;
    answer.status = found == pages.end() ? 404 : 200;
    if (found != pages.end()) answer.body = found->second;
    return answer;
  }
};

std::vector<std::string> urlsSeen(TestVault& vault) {
  std::vector<std::string> urls;
  for (const auto& request : vault.outbound().seen()) urls.push_back(request.url);
  return urls;
}

Reply icon(TestVault& vault, const std::string& host) {
  return vault.call(http::Method::Get, "/icons/" + host + "/icon.png");
}

bool isFallback(const Reply& reply) {
  return reply.status == 200 && reply.body == fallbackIcon() &&
         reply.header("Content-Type") == "image/png" &&
         reply.header("Cache-Control") == "public, immutable, max-age=259200";
}

}  // namespace

TEST_CASE("an icon is fetched once, kept, and sent with headers to keep it") {
  TestVault vault;
  Sites sites(vault);
  sites.pages["https://example.org/"] = R"(<link rel="icon" sizes="32x32" href="/b.png">)";
  sites.pages["https://example.org/b.png"] = png("b");
  const auto reply = icon(vault, "Example.org");
  CHECK(reply.status == 200);
  CHECK(reply.body == png("b"));
  CHECK(reply.header("Content-Type") == "image/png");
  CHECK(reply.header("Cache-Control") == "public, immutable, max-age=2592000");
  CHECK(reply.header("Expires") == formatHttpDate(vault.clock().now() + 30 * kDay));
  CHECK(reply.header("X-Content-Type-Options") == "nosniff");
  CHECK(reply.header("Cross-Origin-Resource-Policy").empty());
  CHECK(reply.header("Content-Security-Policy").starts_with("default-src 'none'; img-src 'self'"));

  const auto seen = vault.outbound().seen();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].url == "https://example.org/");
  CHECK(seen[0].destinations == outbound::Destinations::PublicOnly);
  CHECK(seen[0].maxRedirects == 5);
  CHECK(seen[0].truncate);
  CHECK(seen[0].maxBody == 384 * KiB);
  CHECK(seen[1].maxBody == 5 * MiB);
  CHECK(seen[1].headers.back() ==
        std::pair<std::string, std::string>{"Referer", "https://example.org/"});

  CHECK(icon(vault, "example.org").body == png("b"));
  CHECK(vault.call(http::Method::Head, "/icons/example.org/icon.png").status == 200);
  vault.clock().advance(30 * kDay - kSecond);
  CHECK(icon(vault, "example.org").body == png("b"));
  CHECK(vault.outbound().seen().size() == 2);
  vault.clock().advance(kSecond);
  CHECK(icon(vault, "example.org").body == png("b"));
  CHECK(vault.outbound().seen().size() == 4);
}

TEST_CASE("a site without an icon is remembered for a shorter time") {
  TestVault vault;
  Sites sites(vault);
  CHECK(isFallback(icon(vault, "www.example.org")));
  CHECK(urlsSeen(vault) ==
        std::vector<std::string>{
            "https://www.example.org/", "http://www.example.org/", "https://example.org/",
            "http://example.org/", "https://www.example.org/favicon.ico",
            "https://www.example.org/apple-touch-icon.png", "http://www.example.org/favicon.ico",
            "http://www.example.org/apple-touch-icon.png"});
  CHECK(isFallback(icon(vault, "www.example.org")));
  CHECK(vault.outbound().seen().size() == 8);
  vault.clock().advance(3 * kDay);
  sites.pages["http://example.org/favicon.ico"] = png("late");
  sites.pages["http://example.org/"] = "hello";
  CHECK(icon(vault, "www.example.org").body == png("late"));
}

TEST_CASE("the next candidate is tried when one is no image, at most five") {
  TestVault vault;
  Sites sites(vault);
  sites.pages["http://example.org/"] =
      R"(<link rel=icon sizes=32x32 href=svg><link rel=icon sizes=32x32 href=html>
         <link rel=icon sizes=32x32 href=large><link rel=icon sizes=32x32 href=gone>)";
  sites.pages["http://example.org/svg"] = "<svg xmlns='http://www.w3.org/2000/svg'></svg>";
  sites.pages["http://example.org/html"] = "<html></html>";
  sites.failures["http://example.org/large"] = Reason::TooLarge;
  sites.pages["http://example.org/favicon.ico"] = std::string("\0\0\1\0\1\0", 6);
  sites.pages["http://example.org/apple-touch-icon.png"] = png("not asked for");
  sites.failures["https://example.org/"] = Reason::Unreachable;
  const auto reply = icon(vault, "example.org");
  CHECK(reply.header("Content-Type") == "image/x-icon");
  CHECK(urlsSeen(vault).size() == 7);
  CHECK(urlsSeen(vault).back() == "http://example.org/favicon.ico");
}

TEST_CASE("an icon may stand in the page itself") {
  TestVault vault;
  Sites sites(vault);
  const std::string image = png(std::string(80, 'x'));
  sites.pages["https://example.org/"] =
      "<link rel=icon href='data:image/png;base64," + toBase64(image) + "'>";
  CHECK(icon(vault, "example.org").body == image);
  CHECK(vault.outbound().seen().size() == 1);
}

TEST_CASE("a name without an address is asked for once, and then the bare domain's www") {
  TestVault vault;
  Sites sites(vault);
  sites.failures["https://example.org/"] = Reason::NameUnknown;
  sites.pages["https://www.example.org/"] = "";
  sites.pages["https://www.example.org/favicon.ico"] = png("www");
  CHECK(icon(vault, "example.org").body == png("www"));
  CHECK(urlsSeen(vault) == std::vector<std::string>{"https://example.org/",
                                                    "https://www.example.org/",
                                                    "https://www.example.org/favicon.ico"});
}

TEST_CASE("a blocked destination ends the search and leaves no trace") {
  TestVault vault;
  Sites sites(vault);
  sites.failures["https://inside.example.org/"] = Reason::Blocked;
  CHECK(isFallback(icon(vault, "inside.example.org")));
  CHECK(vault.outbound().seen().size() == 1);
  CHECK(std::filesystem::is_empty(vault.folder() / "icons"));
  CHECK(isFallback(icon(vault, "inside.example.org")));
  CHECK(vault.outbound().seen().size() == 2);
}

TEST_CASE("hosts that are no public hosts are not even asked for") {
  TestVault vault([](VaultOptions& options) { options.icons.blockedPattern = "\\.lan$"; });
  for (const char* host :
       {"127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "127.1", "0x7f.1",
        "2130706433", "[::1]", "a_b.example", "-", "nas.lan", "example.org.", "a%20b"}) {
    CAPTURE(host);
    CHECK(isFallback(icon(vault, host)));
  }
  CHECK(vault.outbound().seen().empty());

  int asked = 0;
  vault.outbound().answer = [&asked](const HttpRequest& request) -> HttpAnswer {
    ++asked;
    CHECK(request.refuses("nas.lan"));
    CHECK_FALSE(request.refuses("example.org"));
    throw OutboundFault(Reason::Unreachable, request.url);
  };
  CHECK(isFallback(icon(vault, "example.org")));
  CHECK(asked > 0);
}

TEST_CASE("the owner may let private hosts be asked") {
  TestVault vault([](VaultOptions& options) { options.icons.publicOnly = false; });
  Sites sites(vault);
  sites.pages["http://192.168.0.1/"] = "";
  sites.pages["http://192.168.0.1/favicon.ico"] = png("router");
  CHECK(icon(vault, "192.168.0.1").body == png("router"));
  CHECK(vault.outbound().seen()[0].destinations == outbound::Destinations::Any);
}

TEST_CASE("switched off, only icons that were kept are sent, as long as they are not too old") {
  TestVault vault;
  Sites sites(vault);
  sites.pages["https://example.org/"] = "";
  sites.pages["https://example.org/favicon.ico"] = png("kept");
  REQUIRE(icon(vault, "example.org").body == png("kept"));
  const auto asked = vault.outbound().seen().size();
  vault.restart([](VaultOptions& options) { options.icons.service = "off"; });
  CHECK(icon(vault, "example.org").body == png("kept"));
  CHECK(isFallback(icon(vault, "example.net")));
  vault.clock().advance(31 * kDay);
  CHECK(isFallback(icon(vault, "example.org")));
  vault.restart([](VaultOptions& options) {
    options.icons.service = "off";
    options.icons.lifetime = std::chrono::seconds(0);
  });
  CHECK(icon(vault, "example.org").body == png("kept"));
  CHECK(icon(vault, "example.org").header("Cache-Control") ==
        "public, immutable, max-age=31536000");
  CHECK(vault.outbound().seen().size() == asked);
}

TEST_CASE("with another service clients are sent there, but for hosts nobody should ask about") {
  TestVault vault([](VaultOptions& options) {
    options.icons.service = "duckduckgo";
    options.icons.redirectStatus = 307;
  });
  const auto reply = icon(vault, "example.org");
  CHECK(reply.status == 307);
  CHECK(reply.header("Location") == "https://icons.duckduckgo.com/ip3/example.org.ico");
  CHECK(reply.header("Cache-Control") == "public, immutable, max-age=2592000");
  CHECK(reply.header("Cross-Origin-Resource-Policy").empty());
  for (const char* host : {"192.168.0.1", "a_b"}) {
    CHECK(icon(vault, host).status == 404);
    CHECK(icon(vault, host).header("Cache-Control") == "public, immutable, max-age=259200");
  }
  CHECK(vault.outbound().seen().empty());
}

TEST_CASE("wrong settings about icons keep the vault from starting") {
  TestVault vault;
  using Change = std::function<void(VaultOptions&)>;
  for (const Change& change : {Change([](auto& o) { o.icons.service = "https://icons.test/"; }),
                               Change([](auto& o) { o.icons.redirectStatus = 303; }),
                               Change([](auto& o) { o.icons.blockedPattern = "["; })}) {
    CHECK_THROWS_AS(vault.restart(change), UsageError);
  }
  vault.restart();
}

TEST_CASE("many who want one icon at once cause one search") {
  TestVault vault;
  std::atomic<int> asked{0};
  std::atomic<int> waiting{0};
  vault.outbound().answer = [&](const HttpRequest& request) {
    if (request.url != "https://example.org/") throw OutboundFault(Reason::Unreachable, "");
    ++asked;
    // Until the others had their chance to come here too.
    while (waiting < 4) std::this_thread::yield();
    HttpAnswer answer;
    answer.status = 200;
    answer.url = request.url;
    answer.body =
        "<link rel=icon href='data:image/png;base64," + toBase64(png(std::string(80, 'x'))) + "'>";
    return answer;
  };
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      ++waiting;
      if (icon(vault, "example.org").body == png(std::string(80, 'x'))) ++good;
    });
  }
  for (auto& client : clients) client.join();
  CHECK(good == 4);
  CHECK(asked == 1);
}

TEST_CASE("clients can ask what there is about icons") {
  TestVault vault;
  const auto config = vault.call(http::Method::Get, "/icons/config").json();
  CHECK(config ==
        nlohmann::json{{"cacheEnabled", true}, {"cacheHours", 720}, {"cacheSizeLimit", 256 * MiB}});
  const auto reply =
      vault.call(http::Method::Get, "/icons/change-password-uri?uri=https%3A%2F%2Fexample.org");
  CHECK(reply.json() == nlohmann::json{{"uri", nullptr}});
  CHECK(vault.call(http::Method::Get, "/icons/nothing").status == 404);
}
