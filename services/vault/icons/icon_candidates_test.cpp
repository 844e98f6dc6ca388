// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_candidates.h"

#include "appliance/base/bytes.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;

namespace {

std::vector<std::string> urlsOf(std::string_view html, std::string_view page) {
  std::vector<std::string> urls;
  for (const auto& icon : iconsOfPage(html, outbound::parseUrl(page).value())) {
    urls.push_back(icon.url);
  }
  return urls;
}

}  // namespace

TEST_CASE("an icon's size decides before the end of its name") {
  struct Row {
    const char* sizes;
    const char* url;
    int priority;
  };
  const Row rows[] = {
      {"32x32", "/a.ico", 1},   {"64x64", "/a.png", 2},      {"24x24", "/a", 3},
      {"48X48", "/a", 3},       {"192x192", "/a", 3},        {"16x16", "/a.png", 4},
      {"193x193", "/a.png", 5}, {"8x8", "/a.png", 5},        {"0x0", "/a", 5},
      {"32x16", "/a.png", 200}, {" 32 x 32 ", "/a", 1},      {"16x16 32x32", "/a", 4},
      {"", "/a.png", 10},       {"", "/a.PNG?v=2", 10},      {"", "/a.png#x", 10},
      {"", "/a.jpg", 20},       {"", "/a.jpeg", 20},         {"", "/a.ico", 30},
      {"", "/a?x.png", 30},     {"any", "/a.png", 10},       {"32", "/a.png", 10},
      {"x", "/a", 30},          {"999999x999999", "/a", 30}, {"32x", "/a.jpg", 20},
  };
  for (const auto& row : rows) {
    CAPTURE(row.sizes);
    CAPTURE(row.url);
    CHECK(iconPriority(row.sizes, row.url) == row.priority);
  }
}

TEST_CASE("candidates of a page stand in the order to try them, relative to its base") {
  using List = std::vector<std::string>;
  CHECK(urlsOf("", "https://example.org/deep/page?q") ==
        List{"https://example.org/favicon.ico", "https://example.org/apple-touch-icon.png"});
  CHECK(urlsOf(R"html(<link rel="shortcut icon" href="a.ico">
                  <link rel="apple-touch-icon-precomposed" sizes="180x180" href="/t.png">
                  <link rel="Icon" sizes="32x32" href="//cdn.example.net/b.ico">
                  <link rel="mask-icon" href="mask.svg"><link rel="stylesheet" href="icon.css">
                  <link rel="icon"><link rel="icon" href="javascript:alert(1)">
                  <link rel="icon" href="ftp://example.org/x.png">)html",
               "https://example.org/deep/page") ==
        List{"https://cdn.example.net/b.ico", "https://example.org/t.png",
             "https://example.org/deep/a.ico", "https://example.org/favicon.ico",
             "https://example.org/apple-touch-icon.png"});
  CHECK(urlsOf(R"(<base href="/assets/"><base href="more/"><link rel="icon" href="a.png">)",
               "http://example.org:8080/x") ==
        List{"http://example.org:8080/assets/more/a.png", "http://example.org:8080/favicon.ico",
             "http://example.org:8080/apple-touch-icon.png"});
  CHECK(urlsOf(R"(<link rel="icon" href=" data:image/png;base64,AAAA ">)",
               "https://example.org/")[0] == "data:image/png;base64,AAAA");
}

TEST_CASE("an image inside of an address is decoded, unless it is broken or too short") {
  const std::string image = "\x89PNG\r\n\x1A\n" + std::string(59, 'x');
  REQUIRE(image.size() == 67);
  CHECK(imageInDataUrl("data:image/png;base64," + toBase64(image)) == image);
  CHECK(imageInDataUrl("data:image/png;charset=x;BASE64," + toBase64(image)) == image);
  CHECK(imageInDataUrl("data:image/png," + std::string(66, 'x') + "%41") ==
        std::string(66, 'x') + "A");
  std::string wrapped = toBase64(image);
  wrapped.insert(20, "%0A ");
  CHECK(imageInDataUrl("data:image/png;base64," + wrapped) == image);
  for (const std::string& url : std::vector<std::string>{
           "data:image/png;base64," + toBase64(image.substr(1)),
           "data:image/png;base64,****" + image, "data:image/png;base64" + toBase64(image),
           "data:text/html;base64," + toBase64(image), std::string("data:image"), std::string()}) {
    CAPTURE(url);
    CHECK(imageInDataUrl(url).empty());
  }
}
