// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::http {

// The methods this server knows. Any other token is answered 501 before a route is looked for.
enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Patch, Options };

std::optional<Method> parseMethod(std::string_view token);  // Case-sensitive, RFC 9110 section 9.1.
std::string_view nameOf(Method method);

}  // namespace coffer::http
