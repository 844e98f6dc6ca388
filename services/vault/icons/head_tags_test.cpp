// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/head_tags.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace coffer::vault;

namespace {

// "base:href", "link:href|rel|sizes", with spaces between.
std::string told(std::string_view html, std::size_t maxTags = 200) {
  std::string text;
  for (const auto& tag : headTagsOf(html, maxTags)) {
    if (!text.empty()) text += ' ';
    text += tag.isBase ? "base:" + tag.href : "link:" + tag.href + "|" + tag.rel + "|" + tag.sizes;
  }
  return text;
}

}  // namespace

TEST_CASE("links and bases of a head are found however they are written") {
  struct Row {
    const char* html;
    const char* expected;
  };
  const Row rows[] = {
      {R"(<link rel="icon" href="/a.png">)", "link:/a.png|icon|"},
      {R"(<LINK REL=icon HREF=/a.png SIZES=32x32>)", "link:/a.png|icon|32x32"},
      {"<link\n\trel = 'icon'\r\n href\t=\t'/a.png'/>", "link:/a.png|icon|"},
      {R"(<link/rel="icon"/href="/a.png">)", "link:/a.png|icon|"},
      {R"(<base href="https://x.test/y/"><link href=a rel=icon>)",
       "base:https://x.test/y/ link:a|icon|"},
      {R"(<link href="a>b" rel="icon">)", "link:a>b|icon|"},
      {R"(<link href=a"b rel=icon>)", "link:a\"b|icon|"},
      {R"(<link href="first" href="second" rel="icon">)", "link:first|icon|"},
      {R"(<link href="?a=1&amp;b=2&#38;c&#x26;d&lt;&quot;&apos;" rel=icon>)",
       "link:?a=1&b=2&c&d<\"'|icon|"},
      {R"(<link href="&copy;&#0;&#xD800;&#99999999;&amp&;&" rel=icon>)",
       "link:&copy;&#0;&#xD800;&#99999999;&amp&;&|icon|"},
      {R"(<link href="&#252;&#x20AC;&#x1F600;" rel=icon>)",
       "link:\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80|icon|"},
      {"<!doctype html><html><head><meta charset=utf-8><link href=a></head><link href=b>",
       "link:a||"},
      {"<link href=a><body><link href=b>", "link:a||"},
      {"<!-- <link href=a> --><link href=b>", "link:b||"},
      {"<script>'<link href=a>'</script><link href=b>", "link:b||"},
      {"<style><link href=a></STYLE><title></head><link href=b></title><link href=c>", "link:c||"},
      {"<noscript><link href=a></noscript><?php <link href=b> ?><link href=c>",
       "link:a|| link:c||"},
      {"1 < 2 <link href=a>", "link:a||"},
      {"<link", "link:||"},
      {"<link href", "link:||"},
      {"<link href=", "link:||"},
      {"<link href='a", "link:a||"},
      {"<linked href=a>", ""},
      {"", ""},
      {"<", ""},
      {"<!--", ""},
      {"<script>", ""},
      {"</", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.html);
    CHECK(told(row.html) == row.expected);
  }
}

TEST_CASE("a hostile page costs no more than its length") {
  CHECK(told("<link href=a><link href=b><link href=c>", 2) == "link:a|| link:b||");
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string_view piece : {"<div>", "<b>", "<", "<!--", "<link ", "<script><", "</",
                                       "<link href='", "&#", "<a b=c ", "<title></"}) {
    std::string page;
    while (page.size() < 384 * 1024) page += piece;
    CHECK(headTagsOf(page).size() <= 200);
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}
