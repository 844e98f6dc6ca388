// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/conditional.h"

#include "appliance/base/bytes.h"

#include <algorithm>

namespace coffer::vault {
namespace {

// The next item of a list separated by `separator`, without blanks around it.
std::string_view takeItem(std::string_view& list, char separator) {
  const auto end = std::min(list.find(separator), list.size());
  const auto item = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return item;
}

bool isZeroWeight(std::string_view parameter) {
  if (!equalsIgnoringCase(parameter.substr(0, 2), "q=")) return false;
  return parameter.substr(2).find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

bool namesTag(std::string_view ifNoneMatch, std::string_view entityTag) {
  if (trim(ifNoneMatch) == "*") return true;
  while (!ifNoneMatch.empty()) {
    auto item = takeItem(ifNoneMatch, ',');
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == entityTag) return true;
  }
  return false;
}

bool acceptsEncoding(std::string_view acceptEncoding, std::string_view coding) {
  while (!acceptEncoding.empty()) {
    auto item = takeItem(acceptEncoding, ',');
    if (!equalsIgnoringCase(takeItem(item, ';'), coding)) continue;
    while (!item.empty()) {
      if (isZeroWeight(takeItem(item, ';'))) return false;
    }
    return true;
  }
  return false;
}

}  // namespace coffer::vault
