// SPDX-License-Identifier: BSD-2-Clause
//
// What an icon's bytes are, whatever a site says of them (vault-extras 9.5), and the icon of sites
// that have none.
#pragma once

#include <optional>
#include <string_view>

namespace coffer::vault {

// As many of an image's first bytes as imageTypeOf() looks at.
constexpr std::size_t kImageHead = 16;

// "image/png", x-icon, webp, jpeg, gif or bmp. SVG is none of them: it is a program to the browser
// that shows it.
std::optional<std::string_view> imageTypeOf(std::string_view bytes);

// A grey globe, PNG, 32 by 32.
std::string_view fallbackIcon();

}  // namespace coffer::vault
