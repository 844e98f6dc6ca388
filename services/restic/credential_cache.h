// SPDX-License-Identifier: BSD-2-Clause
//
// Remembers which credentials were right, so that restic's five connections do not hash a password
// for every request. What is kept is an HMAC over user, password and stored hash under a key made
// at start: a changed password is another key, and memory holds no password. Only right credentials
// are kept, for `lifetime` after their last use; expiry is checked when they are looked up.
//
// Threads: safe from any thread. Checks of the same credentials at the same time are made once; the
// others wait for the result. Memory: at most `capacity` entries.
#pragma once

#include "appliance/base/guarded.h"
#include "appliance/base/secret.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace coffer::restic {

class CredentialCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  CredentialCache(std::chrono::seconds lifetime, std::size_t capacity);

  std::string keyOf(std::string_view user, const Secret& password, std::string_view hash) const;

  // True for credentials known to be right, which then live on for another lifetime.
  [[nodiscard]] bool isKnown(const std::string& key, Time now);

  // isKnown(), or else what `verify` says, remembered when it is true. Takes as long as `verify`.
  [[nodiscard]] bool check(const std::string& key, Time now, const std::function<bool()>& verify);

  void clear();

 private:
  struct Running {
    std::mutex mutex;
    std::condition_variable finished;
    bool done = false;
    bool right = false;
  };

  void remember(const std::string& key, Time now);
  static void finish(Running& running, bool right);

  const std::chrono::seconds lifetime_;
  const std::size_t capacity_;
  const Secret salt_;
  Guarded<std::unordered_map<std::string, Time>> expiry_;  // key → end of life
  Guarded<std::unordered_map<std::string, std::shared_ptr<Running>>> running_;
};

}  // namespace coffer::restic
