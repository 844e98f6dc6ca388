// SPDX-License-Identifier: BSD-2-Clause
//
// A value that can only be reached through its lock: `guarded.with([](T& value) { … })`.
// Hold it for memory work only: no input or output, no callback out, no second lock inside.
#pragma once

#include <mutex>
#include <utility>

namespace coffer {

template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  template <typename F>
  decltype(auto) with(F&& use) {
    std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }
  template <typename F>
  decltype(auto) with(F&& use) const {
    std::lock_guard lock(mutex_);
    return std::forward<F>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace coffer
