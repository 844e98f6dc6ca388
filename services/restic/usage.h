// SPDX-License-Identifier: BSD-2-Clause
//
// What a repository holds, in numbers. Objects of the five types are counted; the config is not.
#pragma once

#include "appliance/base/clock.h"
#include "services/restic/object_path.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace coffer::restic {

struct TypeUsage {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

struct RepositoryUsage {
  std::string owner;  // Whose quota it counts against; "" while nobody has written to it.
  std::array<TypeUsage, kTypeCount> types{};
  UnixMicros newestSnapshot =
      0;                      // When the newest file in snapshots/ was stored; 0: there is none.
  UnixMicros lastAccess = 0;  // 0: not since it was first seen.

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const TypeUsage& type : types) sum += type.bytes;
    return sum;
  }
};

using UsageByRepository = std::map<std::string, RepositoryUsage>;

}  // namespace coffer::restic
