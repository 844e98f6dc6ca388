// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_candidates.h"

#include "appliance/base/bytes.h"
#include "services/vault/icons/head_tags.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace coffer::vault {
namespace {

constexpr int kFavicon = 35;
constexpr int kTouchIcon = 40;
constexpr std::size_t kSmallestImage = 67;  // The shortest PNG there can be.

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "32x32", "16 x 16": two numbers with something between them.
std::optional<std::pair<unsigned, unsigned>> parseSizes(std::string_view text) {
  const auto number = [&text]() -> std::optional<unsigned> {
    text.remove_prefix(
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), isDigit) - text.begin()));
    const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), isDigit) -
                                              text.begin());
    if (end == 0 || end > 5) return std::nullopt;
    const auto value = parseUnsigned(text.substr(0, end));
    text.remove_prefix(end);
    return static_cast<unsigned>(*value);
  };
  const auto width = number();
  if (!width) return std::nullopt;
  const auto height = number();
  if (!height) return std::nullopt;
  return std::pair{*width, *height};
}

int priorityOfSquare(unsigned side) {
  if (side == 32) return 1;
  if (side == 64) return 2;
  if (side >= 24 && side <= 192) return 3;
  return side == 16 ? 4 : 5;
}

int priorityOfName(std::string_view url) {
  const std::string path = toLowerAscii(url.substr(0, url.find_first_of("?#")));
  if (path.ends_with(".png")) return 10;
  if (path.ends_with(".jpg") || path.ends_with(".jpeg")) return 20;
  return 30;
}

bool namesIcon(std::string_view rel) {
  const std::string lower = toLowerAscii(rel);
  return lower.find("icon") != std::string::npos && lower.find("mask-icon") == std::string::npos;
}

bool isImageData(std::string_view url) {
  return equalsIgnoringCase(url.substr(0, 10), "data:image");
}

std::string percentDecoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? fromHex(text.substr(i + 1, 2)) : std::nullopt;
    const bool isEscape = byte && byte->size() == 1;
    out += isEscape ? byte->front() : text[i];
    if (isEscape) i += 2;
  }
  return out;
}

}  // namespace

int iconPriority(std::string_view sizes, std::string_view url) {
  const auto size = parseSizes(sizes);
  if (!size) return priorityOfName(url);
  return size->first == size->second ? priorityOfSquare(size->first) : 200;
}

std::vector<IconCandidate> usualIcons(const outbound::Url& site) {
  const auto at = [&site](const char* target) {
    outbound::Url url = site;
    url.target = target;
    return url.text();
  };
  return {{at("/favicon.ico"), kFavicon}, {at("/apple-touch-icon.png"), kTouchIcon}};
}

std::vector<IconCandidate> iconsOfPage(std::string_view html, const outbound::Url& page) {
  std::vector<IconCandidate> found = usualIcons(page);
  outbound::Url base = page;
  for (const auto& tag : headTagsOf(html)) {
    const std::string_view href = trim(tag.href);
    if (href.empty()) continue;
    if (!tag.isBase && !namesIcon(tag.rel)) continue;
    if (!tag.isBase && isImageData(href)) {
      found.push_back({std::string(href), iconPriority(tag.sizes, "")});
      continue;
    }
    const auto url = resolveUrl(base, href);
    if (!url) continue;
    if (tag.isBase) {
      base = *url;
    } else {
      found.push_back({url->text(), iconPriority(tag.sizes, url->target)});
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.priority < b.priority; });
  return found;
}

std::string imageInDataUrl(std::string_view url) {
  const auto comma = url.find(',');
  if (!isImageData(url) || comma == std::string_view::npos) return {};
  std::string bytes = percentDecoded(url.substr(comma + 1));
  if (toLowerAscii(url.substr(0, comma)).ends_with(";base64")) {
    std::erase_if(bytes, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    auto decoded = fromBase64(bytes);
    if (!decoded) return {};
    bytes = std::move(*decoded);
  }
  return bytes.size() >= kSmallestImage ? bytes : std::string();
}

}  // namespace coffer::vault
