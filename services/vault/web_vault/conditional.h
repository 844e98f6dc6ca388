// SPDX-License-Identifier: BSD-2-Clause
//
// What a client says that it has, and that it understands (RFC 9110 sections 12.5.3 and 13.1.2).
#pragma once

#include <string_view>

namespace coffer::vault {

// Whether the value of an If-None-Match names the entity-tag; "W/" before one is ignored.
[[nodiscard]] bool namesTag(std::string_view ifNoneMatch, std::string_view entityTag);

// Whether the value of an Accept-Encoding lists `coding` by its name, and not with a weight of
// zero.
[[nodiscard]] bool acceptsEncoding(std::string_view acceptEncoding, std::string_view coding);

}  // namespace coffer::vault
