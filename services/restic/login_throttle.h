// SPDX-License-Identifier: BSD-2-Clause
//
// Counts failed logins per client address. From an address with too many in the last window no
// password is tried any more: it gets the same 401 at once, and costs no hashing. Credentials that
// are known to be right (credential_cache.h) are never held up by it. A 429 would not do: restic
// retries those for a quarter of an hour.
//
// Threads: safe from any thread. Memory: bounded; the address that failed longest ago is forgotten.
#pragma once

#include "appliance/base/guarded.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace coffer::restic {

class LoginThrottle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `limit` 0 switches it off.
  LoginThrottle(unsigned limit, std::chrono::seconds window) : limit_(limit), window_(window) {}

  [[nodiscard]] bool isBlocked(const std::string& address, Time now) const;
  void countFailure(const std::string& address, Time now);

 private:
  struct Failures {
    unsigned count = 0;
    Time windowEnd{};
  };
  static constexpr std::size_t kMostAddresses = 4096;

  const unsigned limit_;
  const std::chrono::seconds window_;
  Guarded<std::unordered_map<std::string, Failures>> failures_;
};

}  // namespace coffer::restic
