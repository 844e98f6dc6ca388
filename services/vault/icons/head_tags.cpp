// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/head_tags.h"

#include "appliance/base/bytes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxReference = 12;  // "&#x0010FFFF;"

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void appendUtf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

// Appends what "&name;" stands for. The references that addresses are written with; false for
// others, which stay as they are.
bool appendReference(std::string_view name, std::string& out) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, c] : kNamed) {
    if (name != known) continue;
    out += c;
    return true;
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool isHex = name.starts_with('x') || name.starts_with('X');
  if (isHex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, code, isHex ? 16 : 10);
  if (error != std::errc() || stop != end || code == 0 || code > 0x10FFFF ||
      (code >= 0xD800 && code <= 0xDFFF)) {
    return false;
  }
  appendUtf8(code, out);
  return true;
}

std::string withoutReferences(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto amp = std::min(text.find('&'), text.size());
    out += text.substr(0, amp);
    text.remove_prefix(amp);
    if (text.empty()) break;
    const auto end = text.substr(0, kMaxReference).find(';');
    if (end != std::string_view::npos && appendReference(text.substr(1, end - 1), out)) {
      text.remove_prefix(end + 1);
    } else {
      out += '&';
      text.remove_prefix(1);
    }
  }
  return out;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view html) : rest_(html) {}

  std::vector<HeadTag> run(std::size_t maxTags) {
    while (tags_.size() < maxTags && toNextTag()) {
      if (rest_.starts_with("<!--")) {
        skipPast(4, "-->");
      } else if (rest_.starts_with("<!") || rest_.starts_with("<?")) {
        skipPast(2, ">");
      } else if (rest_.starts_with("</")) {
        if (closesHead()) break;
        skipPast(2, ">");
      } else if (!startTag()) {
        break;
      }
    }
    return std::move(tags_);
  }

 private:
  bool toNextTag() {
    rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
    return !rest_.empty();
  }

  void skipPast(std::size_t from, std::string_view end) {
    const auto at = rest_.find(end, from);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  }

  bool closesHead() const { return equalsIgnoringCase(rest_.substr(2, 4), "head"); }

  void skipSpaces() {
    while (!rest_.empty() && (isSpace(rest_.front()) || rest_.front() == '/')) {
      rest_.remove_prefix(1);
    }
  }

  template <typename Stops>
  std::string_view takeUntil(Stops stops) {
    const auto end = std::find_if(rest_.begin(), rest_.end(), stops);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view takeValue() {
    while (!rest_.empty() && isSpace(rest_.front())) rest_.remove_prefix(1);
    if (rest_.empty()) return {};
    const char quote = rest_.front();
    if (quote != '"' && quote != '\'') {
      return takeUntil([](char c) { return isSpace(c) || c == '>'; });
    }
    rest_.remove_prefix(1);
    const auto value = takeUntil([quote](char c) { return c == quote; });
    if (!rest_.empty()) rest_.remove_prefix(1);
    return value;
  }

  // The attributes up to '>'. Of two of one name the first counts.
  void takeAttributes(HeadTag& tag) {
    for (skipSpaces(); !rest_.empty() && rest_.front() != '>'; skipSpaces()) {
      const auto name =
          takeUntil([](char c) { return isSpace(c) || c == '/' || c == '>' || c == '='; });
      while (!rest_.empty() && isSpace(rest_.front())) rest_.remove_prefix(1);
      std::string_view value;
      if (rest_.starts_with('=')) {
        rest_.remove_prefix(1);
        value = takeValue();
      }
      for (const auto& [known, place] : {std::pair{"href", &tag.href}, std::pair{"rel", &tag.rel},
                                         std::pair{"sizes", &tag.sizes}}) {
        if (place->empty() && equalsIgnoringCase(name, known)) *place = withoutReferences(value);
      }
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
  }

  // False at the end of the head.
  bool startTag() {
    rest_.remove_prefix(1);
    if (rest_.empty() || !isLetter(rest_.front())) return true;  // A lone '<'.
    const std::string name =
        toLowerAscii(takeUntil([](char c) { return isSpace(c) || c == '/' || c == '>'; }));
    if (name == "body") return false;
    HeadTag tag;
    tag.isBase = name == "base";
    takeAttributes(tag);
    if (tag.isBase || name == "link") {
      tags_.push_back(std::move(tag));
    } else if (name == "script" || name == "style" || name == "title") {
      skipRawText(name);
    }
    return true;
  }

  // Everything up to the element's end tag is text.
  void skipRawText(const std::string& name) {
    while (toNextTag()) {
      if (rest_.starts_with("</") && equalsIgnoringCase(rest_.substr(2, name.size()), name)) return;
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  std::vector<HeadTag> tags_;
};

}  // namespace

std::vector<HeadTag> headTagsOf(std::string_view html, std::size_t maxTags) {
  return Tokenizer(html).run(maxTags);
}

}  // namespace coffer::vault
