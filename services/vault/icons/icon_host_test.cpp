// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_host.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coffer::vault;

TEST_CASE("a host is a name of plain labels or four decimal numbers, in lower case") {
  const std::string label(63, 'a');
  for (const std::string& host : std::vector<std::string>{
           "example.org", "a", "localhost", "x1.y-2.example", "xn--bcher-kva.example", "192.0.2.7",
           "1.2.3.example", "0x.example", label + ".org"}) {
    CAPTURE(host);
    CHECK(parseIconHost(host) == host);
  }
  CHECK(parseIconHost("Example.ORG") == "example.org");
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  CHECK(parseIconHost(longest) == longest);
}

TEST_CASE("other hosts, and every other spelling of an address, are refused") {
  using namespace std::string_literals;
  for (const std::string& host : std::vector<std::string>{""s,
                                                          "."s,
                                                          ".example.org"s,
                                                          "example.org."s,
                                                          "a..b"s,
                                                          "-a.org"s,
                                                          "a-.org"s,
                                                          "a.-org"s,
                                                          "exa mple.org"s,
                                                          "example.org:80"s,
                                                          "user@example.org"s,
                                                          "example.org/"s,
                                                          "a\\b.org"s,
                                                          "a_b.org"s,
                                                          "b\xC3\xBC"s + "cher.example"s,
                                                          "a\0b.org"s,
                                                          "*.org"s,
                                                          ".."s,
                                                          std::string(64, 'a') + ".org"s,
                                                          std::string(254, 'a'),
                                                          "[::1]"s,
                                                          "::1"s,
                                                          "::ffff:127.0.0.1"s,
                                                          "127.1"s,
                                                          "127.0.1"s,
                                                          "2130706433"s,
                                                          "0x7f000001"s,
                                                          "0x7f.0.0.1"s,
                                                          "0177.0.0.1"s,
                                                          "127.0.0.01"s,
                                                          "127.0.0.0x1"s,
                                                          "256.0.0.1"s,
                                                          "1.2.3.4.5"s,
                                                          "example.0x7f"s,
                                                          "example.1"s,
                                                          "127.0.0.1."s}) {
    CAPTURE(host);
    CHECK_FALSE(parseIconHost(host));
  }
}
