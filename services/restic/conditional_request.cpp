// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/conditional_request.h"

#include "appliance/base/bytes.h"
#include "appliance/base/clock.h"

namespace coffer::restic {
namespace {

enum class Comparison { Strong, Weak };

bool lists(std::string_view list, std::string_view tag, Comparison comparison) {
  if (trim(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = list.find(',');  // Our tags hold no comma, so none is cut in two.
    auto item = trim(list.substr(0, comma));
    if (comparison == Comparison::Weak && item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

std::string entityTagOf(std::string_view id) { return "\"" + std::string(id) + "\""; }

Precondition checkPreconditions(const http::Request& request, std::string_view entityTag) {
  if (request.hasHeader("If-Match") &&
      !lists(request.header("If-Match"), entityTag, Comparison::Strong)) {
    return Precondition::Failed;
  }
  if (request.hasHeader("If-None-Match") &&
      lists(request.header("If-None-Match"), entityTag, Comparison::Weak)) {
    return Precondition::NotModified;
  }
  return Precondition::Proceed;
}

bool mayUseRange(const http::Request& request, std::string_view entityTag) {
  if (!request.hasHeader("If-Range")) return true;
  const auto value = trim(request.header("If-Range"));
  return value == entityTag || value == formatHttpDate(0);
}

}  // namespace coffer::restic
