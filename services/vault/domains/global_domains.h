// SPDX-License-Identifier: BSD-2-Clause
//
// Web sites that share one login, so that clients offer an item of one on the others (vault-core
// 7.2). The numbers are those of the protocol: an account excludes a group by its number, and so
// they never change.
#pragma once

#include <span>
#include <string_view>

namespace coffer::vault {

struct DomainGroup {
  int type;
  std::span<const std::string_view> domains;
};

std::span<const DomainGroup> globalDomainGroups();

}  // namespace coffer::vault
