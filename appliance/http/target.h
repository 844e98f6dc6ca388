// SPDX-License-Identifier: BSD-2-Clause
//
// The request target (RFC 9112 section 3.2) taken apart. The path is split at '/' first and decoded
// after, once, so that an encoded slash can never become a separator.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::http {

struct TargetParts {
  std::string_view path;   // Still encoded; "" when the target has none.
  std::string_view query;  // Without the '?'.
};

// Parts of an origin-form ("/a?b") or absolute-form ("http://host/a?b") target.
TargetParts splitTarget(std::string_view target);

// The part of `path` below a mount's prefix, beginning with '/'. Nothing when it is not below it.
// A path equal to the prefix is the mount's "/".
std::optional<std::string_view> pathBelow(std::string_view prefix, std::string_view path);

// Decodes %XX, and '+' to a space when asked. Nothing for a broken escape.
std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace = false);

// "/a/b%20c/" → {"a", "b c", ""}. Throws BadRequest for a broken percent escape anywhere in the
// path, and NotFound for what no service may see: an encoded slash, a backslash, controls, "." and
// "..", empty segments but the last, text that is not UTF-8, more than 64 segments.
std::vector<std::string> decodeSegments(std::string_view path);

// First value of a parameter of a query string, decoded; a broken escape is kept as it stands.
std::optional<std::string> findQueryParameter(std::string_view query, std::string_view name);

}  // namespace coffer::http
