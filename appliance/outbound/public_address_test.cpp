// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/public_address.h"

#include <doctest/doctest.h>

namespace coffer::outbound {
namespace {

bool isPublic(const char* text) {
  const auto address = parseIpAddress(text);
  REQUIRE_MESSAGE(address.has_value(), text);
  CHECK(parseIpAddress(address->text()) == address);
  return isPublicAddress(*address);
}

TEST_CASE("addresses of the public internet may be called") {
  for (const char* text :
       {"1.1.1.1",        "8.8.8.8",          "9.255.255.255",   "11.0.0.0",
        "100.63.255.255", "100.128.0.0",      "126.255.255.255", "128.0.0.0",
        "168.63.129.15",  "168.63.129.17",    "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0",       "192.0.0.9",       "192.0.0.10",
        "192.0.1.0",      "192.0.3.0",        "192.88.98.255",   "192.167.255.255",
        "192.169.0.0",    "198.17.255.255",   "198.20.0.0",      "198.51.99.255",
        "203.0.112.255",  "203.0.114.0",      "223.255.255.255", "2606:4700::1111",
        "2a00::1",        "2001:200::1",      "2001:1::1",       "2001:1::2",
        "2001:3::1",      "2001:4:112::1",    "2001:20::1",      "2001:3f::1",
        "2003::1",        "64:ff9b::8.8.8.8", "fbff::1",         "3ffe:ffff::1",
        "4000::1"}) {
    CAPTURE(text);
    CHECK(isPublic(text));
  }
}

TEST_CASE("no address of this box, its network or a special purpose may be called") {
  for (const char* text : {"0.0.0.0",
                           "0.255.255.255",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.100.100.200",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "168.63.129.16",
                           "169.254.0.0",
                           "169.254.169.254",
                           "169.254.255.255",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.0",
                           "192.0.0.8",
                           "192.0.0.11",
                           "192.0.0.171",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::8.8.8.8",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "64:ff9b::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::169.254.169.254",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:0:53aa:64c::1",
                           "2001:1::3",
                           "2001:2::1",
                           "2001:4:113::1",
                           "2001:10::1",
                           "2001:40::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:808:808::1",
                           "3fff::1",
                           "3fff:fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "ffff::1"}) {
    CAPTURE(text);
    CHECK_FALSE(isPublic(text));
  }
}

TEST_CASE("only canonical spellings are addresses") {
  for (const char* text : {"", "1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "1.2.3.4.5",
                           "1.2.3.256", "::1%lo", "[::1]", " 1.2.3.4", ":", ":::", "1::2::3"}) {
    CAPTURE(text);
    CHECK_FALSE(parseIpAddress(text).has_value());
  }
  CHECK_FALSE(parseIpAddress(std::string_view("1.2.3.4\0x", 9)).has_value());
}

}  // namespace
}  // namespace coffer::outbound
