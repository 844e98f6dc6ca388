// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/email.h"

#include <doctest/doctest.h>

using namespace coffer::vault;

TEST_CASE("an address is trimmed and lowered, and non-ASCII letters stay") {
  CHECK(parseEmail(" Jane@Example.TEST\t") == "jane@example.test");
  CHECK(parseEmail("a@b") == "a@b");
  CHECK(parseEmail("j\xC3\x8B@example.test") == "j\xC3\x8B@example.test");
  CHECK(domainOf("jane@example.test") == "example.test");
  CHECK(domainOf("jane").empty());
}

TEST_CASE("what cannot name an account is no address") {
  for (const std::string text :
       {"", " ", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b c", "a\n@c", "a@c\x7F", "a\xFF@c"}) {
    CAPTURE(text);
    CHECK_FALSE(parseEmail(text));
  }
  CHECK_FALSE(parseEmail(std::string(256, 'a') + "@b"));
}
