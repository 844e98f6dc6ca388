// SPDX-License-Identifier: BSD-2-Clause
//
// Where a site's icon may be, best first (vault-extras 9.5).
#pragma once

#include "appliance/outbound/url.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

struct IconCandidate {
  std::string url;  // http, https, or data: with the image in it.
  int priority;     // Smaller is better.
};

// By the size that the page gives it: "32x32" is best; without one, by the end of its name.
int iconPriority(std::string_view sizes, std::string_view url);

// The two places that are tried at every site.
std::vector<IconCandidate> usualIcons(const outbound::Url& site);

// What the head of `html` links, and the usual places of its origin. `page` is where it was found
// in the end. At most 200 links are looked at; of equals the first comes first.
std::vector<IconCandidate> iconsOfPage(std::string_view html, const outbound::Url& page);

// The bytes of a "data:image…" address; "" for one that is broken or too short to be an image.
std::string imageInDataUrl(std::string_view url);

}  // namespace coffer::vault
