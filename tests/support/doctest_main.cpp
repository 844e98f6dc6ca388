// SPDX-License-Identifier: BSD-2-Clause
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#if defined(__SANITIZE_THREAD__)
// The sanitizer takes a descriptor's close() on one thread to race with the epoll_ctl() that armed
// it on another, since it does not know that the event in between orders the two.
extern "C" [[gnu::visibility("default")]] const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:coffer::http::Poller::arm\nrace:coffer::http::Poller::add\n";
}
#endif
