// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/url.h"

#include <doctest/doctest.h>

namespace coffer::outbound {
namespace {

std::string parsed(std::string_view text) {
  const auto url = parseUrl(text);
  return url ? url->text() : "refused";
}

std::string resolved(const char* base, std::string_view reference) {
  const auto url = resolveUrl(parseUrl(base).value(), reference);
  return url ? url->text() : "refused";
}

TEST_CASE("URLs are read as a client needs them") {
  const char* const rows[][2] = {
      {"http://example.test", "http://example.test/"},
      {"HTTPS://EXAMPLE.test:443/A?b=C", "https://example.test/A?b=C"},
      {"http://example.test:443/", "http://example.test:443/"},
      {"https://example.test:8443", "https://example.test:8443/"},
      {"http://example.test:/x", "http://example.test/x"},
      {"http://example.test./x", "http://example.test/x"},
      {"http://example.test?a=/../b", "http://example.test/?a=/../b"},
      {"http://example.test/a#b?c", "http://example.test/a"},
      {"http://example.test/#", "http://example.test/"},
      {"http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
      {"http://2130706433/", "http://2130706433/"},
      {"http://0x7f.1/", "http://0x7f.1/"},
      {"http://a_b-c.example.test/%2F%zz+", "http://a_b-c.example.test/%2F%zz+"},
      {"http://example.test/\xC3\xA9 |", "http://example.test/%C3%A9%20%7C"},
      {"http://example.test/a/./b/../c/", "http://example.test/a/c/"},
      {"http://example.test/../../x", "http://example.test/x"},
      {"http://example.test/a//b", "http://example.test/a//b"},
      {"http://example.test/a/..", "http://example.test/"},
  };
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK(parsed(row[0]) == row[1]);
  }
}

TEST_CASE("what is no plain web address is refused") {
  for (const std::string_view text : {"",
                                      "example.test",
                                      "//example.test/",
                                      "ftp://example.test/",
                                      "file:///etc/passwd",
                                      "javascript:alert(1)",
                                      "http:/example.test/",
                                      "http://",
                                      "http:///x",
                                      "http://:80/",
                                      "http://user@example.test/",
                                      "http://user:pass@example.test/",
                                      "http://example.test:0/",
                                      "http://example.test:65536/",
                                      "http://example.test:-1/",
                                      "http://example.test:8o/",
                                      "http://exa mple.test/",
                                      "http://ex%61mple.test/",
                                      "http://ex\\ample.test/",
                                      "http://127.0.0.1\\@example.test/",
                                      "http://[::1/",
                                      "http://::1/",
                                      "http://[127.0.0.1]/",
                                      "http://[::1%25lo]/",
                                      "http://[::1]x/",
                                      "http://.example.test/",
                                      "http://a..b/",
                                      "http://b\xC3\xBC"
                                      "cher.test/",
                                      "http://example.test/\r\nHost: x",
                                      "http://example.test/\t"}) {
    CAPTURE(text);
    CHECK(parsed(text) == "refused");
  }
  CHECK(parsed("http://example.test/" + std::string(9000, 'a')) == "refused");
  CHECK(parsed("http://" + std::string(300, 'a') + "/") == "refused");
  CHECK(parsed(std::string_view("http://example.test/\0", 21)) == "refused");
}

TEST_CASE("references on a page mean what a browser takes them to mean") {
  constexpr const char* kBase = "https://example.test:8443/a/b/c?q=1";
  const char* const rows[][2] = {
      {"http://other.test/x", "http://other.test/x"},
      {"//other.test/x", "https://other.test/x"},
      {"/x", "https://example.test:8443/x"},
      {"x.png", "https://example.test:8443/a/b/x.png"},
      {"./x.png?v=1#f", "https://example.test:8443/a/b/x.png?v=1"},
      {"../x", "https://example.test:8443/a/x"},
      {"../../../x", "https://example.test:8443/x"},
      {"?q=2", "https://example.test:8443/a/b/c?q=2"},
      {"", "https://example.test:8443/a/b/c?q=1"},
      {"#f", "https://example.test:8443/a/b/c?q=1"},
      {"x:y", "refused"},
      {"data:image/png;base64,AA", "refused"},
      {"//user@other.test/", "refused"},
      {"/x:y", "https://example.test:8443/x:y"},
      {"/x\ny", "refused"},
  };
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK(resolved(kBase, row[0]) == row[1]);
  }
}

}  // namespace
}  // namespace coffer::outbound
