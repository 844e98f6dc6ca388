// SPDX-License-Identifier: BSD-2-Clause
//
// The <link> and <base> tags in the head of a web page that somebody else wrote. A tokenizer and no
// parser: no tree is built, memory and time grow with the text alone. (A page of nothing but
// "<div>" keeps gumbo busy for half a minute.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

struct HeadTag {
  bool isBase = false;  // Else a link.
  std::string href;     // Attributes with their character references resolved; "" when absent.
  std::string rel;
  std::string sizes;
};

// Up to "</head", "<body", the end of the text or `maxTags` such tags. Comments and the text of
// scripts, styles and titles hold none.
std::vector<HeadTag> headTagsOf(std::string_view html, std::size_t maxTags = 200);

}  // namespace coffer::vault
