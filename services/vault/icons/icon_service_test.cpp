// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_service.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;

using Mode = IconService::Mode;
using Sources = std::vector<std::string>;

TEST_CASE("the icon service is fetched, stored, or another server's address with the host in it") {
  CHECK(parseIconService("internal").mode == Mode::Fetch);
  CHECK(parseIconService("off").mode == Mode::Stored);
  CHECK(parseIconService("internal").imageSources().empty());

  const auto bitwarden = parseIconService("bitwarden");
  CHECK(bitwarden.mode == Mode::Redirect);
  CHECK(bitwarden.urlOf("a.test") == "https://icons.bitwarden.net/a.test/icon.png");
  CHECK(bitwarden.imageSources() == Sources{"https://icons.bitwarden.net/"});
  CHECK(parseIconService("duckduckgo").urlOf("a.test") ==
        "https://icons.duckduckgo.com/ip3/a.test.ico");
  const auto google = parseIconService("google");
  CHECK(google.urlOf("a.test") == "https://www.google.com/s2/favicons?domain=a.test&sz=32");
  CHECK(google.imageSources() ==
        Sources{"https://www.google.com/s2/favicons", "https://*.gstatic.com/favicon"});
  CHECK(parseIconService("http://icons.test:8080/i/{}").urlOf("a.test") ==
        "http://icons.test:8080/i/a.test");
  CHECK(parseIconService("https://{}.icons.test/").imageSources() == Sources{"https:"});
}

TEST_CASE("what is no icon service is an error of the configuration") {
  for (const char* text :
       {"", "Internal", "yes", "https://icons.test/", "https://icons.test/{}/{}",
        "https://icons.test/{x}/{}", "ftp://icons.test/{}", "{}", "//icons.test/{}",
        "https://icons.test/{};script-src *", "https://icons.test/{} x", "https://icons.test/\n{}",
        "https://user:secret@icons.test/{}", "javascript:{}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parseIconService(text), UsageError);
  }
}

TEST_CASE("the owner's pattern blocks names and addresses") {
  const BlockedHosts none("");
  CHECK_FALSE(none.contains("example.org"));
  const BlockedHosts blocked(R"(\.internal$|^192\.0\.2\.)");
  CHECK(blocked.contains("nas.internal"));
  CHECK(blocked.contains("192.0.2.9"));
  CHECK_FALSE(blocked.contains("internal.example.org"));
  CHECK_FALSE(blocked.contains("10.192.0.2"));
  CHECK_THROWS_AS(BlockedHosts("("), UsageError);
  CHECK_THROWS_AS(BlockedHosts(std::string(1001, 'a')), UsageError);
}
