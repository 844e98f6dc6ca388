// SPDX-License-Identifier: BSD-2-Clause
//
// Finds the row for a path among patterns of literal and "{name}" segments. Built once, then const
// and safe from any thread. Cost grows with the number of segments, not of rows.
//
// Matching: segment by segment a literal beats "{name}" beats "{rest*}" (last only, one or more
// segments joined with '/'). An empty segment never matches "{name}". HEAD falls back to the GET
// row. A pattern "/x" is also matched by the path "/x/" when the table says so
// (TrailingSlash::Optional), since some clients add one.
#pragma once

#include "appliance/http/service.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace coffer::http {

enum class TrailingSlash { Significant, Optional };

class Router {
 public:
  // `rows` must outlive the router. Throws std::logic_error when two rows have the same method and
  // pattern, or a pattern is malformed.
  Router(std::span<const Route> rows, TrailingSlash slash);
  ~Router();

  Match match(Method method, std::span<const std::string> segments) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  TrailingSlash slash_;
};

}  // namespace coffer::http
