// SPDX-License-Identifier: BSD-2-Clause
//
// If-Match, If-None-Match and If-Range (RFC 9110 section 13) for an object whose entity-tag is its
// id: content never changes under an id. There are no modification dates, so the fields that carry
// one mean nothing; a date in If-Range is honoured only when it is the epoch, which is the date
// rest-server gives every object.
#pragma once

#include "appliance/http/request.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::restic {

enum class Precondition : std::uint8_t { Proceed, NotModified, Failed };  // 200/206, 304, 412

std::string entityTagOf(std::string_view id);  // With its quotes.
Precondition checkPreconditions(const http::Request& request, std::string_view entityTag);
[[nodiscard]] bool mayUseRange(const http::Request& request, std::string_view entityTag);

}  // namespace coffer::restic
