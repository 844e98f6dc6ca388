// SPDX-License-Identifier: BSD-2-Clause
//
// A named thread with a small stack, joined when destroyed. std::thread cannot choose its stack,
// and the system's 8 MiB each are address space that small boxes and strict limits lack.
#pragma once

#include <functional>
#include <memory>
#include <pthread.h>
#include <utility>

namespace coffer::http {

class SmallThread {
 public:
  // `name` has at most 15 characters. Throws Fault when no thread can be had.
  SmallThread(const char* name, std::function<void()> body);
  ~SmallThread();
  SmallThread(SmallThread&& other) noexcept
      : thread_(other.thread_), joinable_(std::exchange(other.joinable_, false)) {}
  SmallThread& operator=(SmallThread&&) = delete;

 private:
  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace coffer::http
