// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/service_options.h"

#include "config/load.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::runtime;

TEST_CASE("the limit of failed logins reaches the backup service, and is off unless asked for") {
  config::LoadInput input;
  CHECK(resticOptions(config::load(input).settings, false).authentication.failuresPerAddress == 0);
  input.environment = {{"COFFER_RESTIC_FAILED_LOGINS", "20"}};
  const auto authentication = resticOptions(config::load(input).settings, false).authentication;
  CHECK(authentication.failuresPerAddress == 20);
  CHECK(authentication.failureWindow == std::chrono::minutes(1));
}
