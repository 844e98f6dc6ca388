// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/client_address.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using Poco::Net::IPAddress;

namespace {

const TrustedProxies kTrusted({"10.0.0.0/8", "192.168.7.1", "fd00::/8", "::1", "172.16.0.0/12"});

std::string addressFrom(const std::vector<HeaderField>& headers) {
  return readForwarded(headers, kTrusted).address;
}

}  // namespace

TEST_CASE("trusted proxies are addresses and networks") {
  const auto trusts = [](const std::string& text) { return kTrusted.contains(IPAddress(text)); };
  CHECK(trusts("10.1.2.3"));
  CHECK(trusts("192.168.7.1"));
  CHECK(trusts("172.31.255.255"));
  CHECK(trusts("fdff::1"));
  CHECK(trusts("::1"));
  CHECK(trusts("::ffff:10.1.2.3"));
  CHECK_FALSE(trusts("11.0.0.1"));
  CHECK_FALSE(trusts("192.168.7.2"));
  CHECK_FALSE(trusts("172.32.0.0"));
  CHECK_FALSE(trusts("fc00::1"));
  CHECK_FALSE(trusts("::2"));
  CHECK_FALSE(TrustedProxies().contains(IPAddress("127.0.0.1")));
  CHECK(TrustedProxies({"0.0.0.0/0"}).contains(IPAddress("8.8.8.8")));
  CHECK_FALSE(TrustedProxies({"0.0.0.0/0"}).contains(IPAddress("2001:db8::1")));
  CHECK(TrustedProxies({"unix"}).trustsUnixSockets());
  CHECK_FALSE(kTrusted.trustsUnixSockets());
}

TEST_CASE("what is no address or network is a mistake in the configuration") {
  for (const std::string entry : {"", "proxy.example", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "/8",
                                  "10.0.0.0/8/8", "fd00::/129", "::1%lo", "10.0.0.0/-1"}) {
    CAPTURE(entry);
    CHECK_THROWS_AS(TrustedProxies({entry}), UsageError);
  }
}

TEST_CASE("the client is the rightmost hop that is not trusted") {
  CHECK(addressFrom({{"X-Forwarded-For", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(addressFrom({{"x-forwarded-for", "1.1.1.1, 203.0.113.9"}}) == "203.0.113.9");
  CHECK(addressFrom({{"X-Forwarded-For", "1.1.1.1, 203.0.113.9, 10.0.0.1"}}) == "203.0.113.9");
  CHECK(addressFrom({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "10.0.0.1"}}) ==
        "203.0.113.9");
  CHECK(addressFrom({{"X-Forwarded-For", "10.0.0.2, 10.0.0.1"}}) == "10.0.0.2");
  CHECK(addressFrom({{"X-Forwarded-For", "203.0.113.9:5555"}}) == "203.0.113.9");
  CHECK(addressFrom({{"X-Forwarded-For", "2001:db8::9"}}) == "2001:db8::9");
  CHECK(addressFrom({{"X-Forwarded-For", "[2001:db8::9]"}}) == "2001:db8::9");
  CHECK(addressFrom({{"X-Forwarded-For", "[2001:db8::9]:443"}}) == "2001:db8::9");
  CHECK(addressFrom({{"X-Forwarded-For", "::ffff:203.0.113.9"}}) == "203.0.113.9");
  CHECK(addressFrom({{"X-Real-IP", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(addressFrom({{"X-Real-IP", "203.0.113.8"}, {"X-Forwarded-For", "203.0.113.9"}}) ==
        "203.0.113.9");
}

TEST_CASE("garbage in the headers is no address") {
  for (const std::string value :
       {"", "unknown", "_hidden", "1.1.1.1, unknown", "1.1.1.1,", "1.2.3", "1.2.3.4.5", "256.1.1.1",
        "127.1", "0x7f000001", "1.1.1.1:x", "[::1", "[::1]x", "[]", "::1%eth0", "a:b:c",
        "1.1.1.1 2.2.2.2", "junk, 10.0.0.1", "<script>"}) {
    CAPTURE(value);
    CHECK(addressFrom({{"X-Forwarded-For", value}}).empty());
  }
  CHECK(addressFrom({{"X-Forwarded-For", std::string(5000, '1')}}).empty());
  CHECK(addressFrom({{"X-Real-IP", "nobody"}}).empty());
  CHECK(addressFrom({}).empty());
}

TEST_CASE("scheme and host are taken over when they make sense") {
  const auto read = [](const std::string& scheme, const std::string& host) {
    return readForwarded(
        std::vector<HeaderField>{{"X-Forwarded-Proto", scheme}, {"X-Forwarded-Host", host}},
        kTrusted);
  };
  CHECK(read("https", "vault.example:8443").scheme == "https");
  CHECK(read("https", "vault.example:8443").host == "vault.example:8443");
  CHECK(read("HTTPS, http", "a.example, b.example").scheme == "https");
  CHECK(read("HTTPS, http", "a.example, b.example").host == "a.example");
  CHECK(read("gopher", "a/b").scheme.empty());
  CHECK(read("gopher", "a/b").host.empty());
  CHECK(read("http", "a\"b").host.empty());
}

TEST_CASE("an IPv4 client of an IPv6 socket is shown as IPv4") {
  CHECK(printAddress(IPAddress("::ffff:192.0.2.1")) == "192.0.2.1");
  CHECK(printAddress(IPAddress("192.0.2.1")) == "192.0.2.1");
  CHECK(printAddress(IPAddress("2001:db8::1")) == "2001:db8::1");
}
