// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/login_throttle.h"

#include <algorithm>

namespace coffer::restic {

bool LoginThrottle::isBlocked(const std::string& address, Time now) const {
  if (limit_ == 0) return false;
  return failures_.with([&](const auto& failures) {
    const auto entry = failures.find(address);
    return entry != failures.end() && entry->second.windowEnd > now &&
           entry->second.count >= limit_;
  });
}

void LoginThrottle::countFailure(const std::string& address, Time now) {
  if (limit_ == 0) return;
  failures_.with([&](auto& failures) {
    if (failures.size() >= kMostAddresses && !failures.contains(address)) {
      failures.erase(std::min_element(
          failures.begin(), failures.end(),
          [](const auto& a, const auto& b) { return a.second.windowEnd < b.second.windowEnd; }));
    }
    Failures& mine = failures[address];
    if (mine.windowEnd <= now) mine = {0, now + window_};
    ++mine.count;
  });
}

}  // namespace coffer::restic
