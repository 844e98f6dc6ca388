// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"

#include <doctest/doctest.h>

using namespace coffer;

TEST_CASE("base64 agrees with RFC 4648 section 10, both ways") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(toBase64(plain) == coded);
    CHECK(fromBase64(coded) == plain);
    CHECK(isBase64(coded));
  }
  CHECK(toBase64Url("\xfb\xff") == "-_8");
  CHECK(fromBase64Url("-_8") == "\xfb\xff");
  CHECK(fromBase64Url("-_8=") == "\xfb\xff");
}

TEST_CASE("base64 refuses what is not base64") {
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zg===", "Z=g=", "Zm9v\n", "Zm 9", "-_8=", "====", "Zg==Zg=="}) {
    CAPTURE(bad);
    CHECK_FALSE(fromBase64(bad).has_value());
    CHECK_FALSE(isBase64(bad));
  }
}

TEST_CASE("hexadecimal is lower case, even and strict") {
  CHECK(toHex(std::string_view("\x00\xfe", 2)) == "00fe");
  CHECK(fromHex("00FE") == std::string("\x00\xfe", 2));
  CHECK_FALSE(fromHex("0").has_value());
  CHECK_FALSE(fromHex("0g").has_value());
}

TEST_CASE("numbers are digits and nothing else") {
  CHECK(parseUnsigned("0") == 0u);
  CHECK(parseUnsigned("18446744073709551615") == 18446744073709551615u);
  for (const char* bad : {"", "+5", "-5", " 5", "5 ", "0x5", "5,5", "18446744073709551616"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseUnsigned(bad).has_value());
  }
}

TEST_CASE("sizes take binary and decimal units") {
  CHECK(parseByteSize("1500") == 1500u);
  CHECK(parseByteSize("64K") == 64 * KiB);
  CHECK(parseByteSize("64 KiB") == 64 * KiB);
  CHECK(parseByteSize("1.5GiB") == GiB + GiB / 2);
  CHECK(parseByteSize("2TB") == 2'000'000'000'000u);
  for (const char* bad : {"", "x", "5x", "-1", "1..5K", "9999P", "K"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseByteSize(bad).has_value());
  }
  CHECK(formatByteSize(1536) == "1.50 KiB");
}

TEST_CASE("UTF-8 is checked to the letter") {
  CHECK(isUtf8("plain"));
  CHECK(isUtf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const char* bad :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xc3", "\x80"}) {
    CHECK_FALSE(isUtf8(bad));
  }
}
