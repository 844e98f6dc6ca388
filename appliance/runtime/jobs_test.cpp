// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/jobs.h"

#include <doctest/doctest.h>

#include <future>
#include <stdexcept>

using namespace coffer::runtime;
using namespace std::chrono_literals;

TEST_CASE("a job asked for soon runs long before its time, and again after it failed") {
  Jobs jobs;
  std::promise<void> first, second;
  int runs = 0;
  jobs.add("work", 24h, 24h, [&] {
    if (++runs == 1) {
      first.set_value();
      throw std::runtime_error("expected by the test");
    }
    second.set_value();
  });
  jobs.add("never", 24h, 24h, [] { FAIL("was not due"); });
  jobs.start();
  jobs.runSoon("unknown");
  jobs.runSoon("work");
  REQUIRE(first.get_future().wait_for(10s) == std::future_status::ready);
  jobs.runSoon("work");
  REQUIRE(second.get_future().wait_for(10s) == std::future_status::ready);
  jobs.stop();
  CHECK(runs == 2);
}

TEST_CASE("a job runs at its delay and repeats at its interval") {
  Jobs jobs;
  std::promise<void> third;
  int runs = 0;
  jobs.add("tick", 1ms, 1ms, [&] {
    if (++runs == 3) third.set_value();
  });
  jobs.start();
  CHECK(third.get_future().wait_for(10s) == std::future_status::ready);
  jobs.stop();
}

TEST_CASE("stop returns although the next job is a day away") {
  Jobs jobs;
  jobs.add("later", 24h, 24h, [] {});
  jobs.start();
  jobs.stop();
  jobs.stop();
}
