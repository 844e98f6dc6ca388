// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/client_version.h"

#include <doctest/doctest.h>

using namespace coffer::vault;

TEST_CASE("a client's version is read as three numbers and compared as such") {
  CHECK(parseClientVersion("2026.9.0") == ClientVersion{2026, 9, 0});
  CHECK(parseClientVersion("2026.12.31-beta") == ClientVersion{2026, 12, 31});
  CHECK(parseClientVersion("2026.9.0.17") == ClientVersion{2026, 9, 0});
  CHECK(*parseClientVersion("2026.10.0") > *parseClientVersion("2026.9.5"));
  CHECK(*parseClientVersion("2025.12.9") < *parseClientVersion("2026.1.0"));
}

TEST_CASE("what is no version of a client is nothing") {
  for (const char* text : {"", "2026", "2026.9", "2026.9.", ".9.0", "2026..0", "v2026.9.0",
                           "-1.2.3", "2026.9.x", "99999999999999999999.1.1", " 2026.9.0"}) {
    CAPTURE(text);
    CHECK_FALSE(parseClientVersion(text));
  }
}
