// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/conditional.h"

#include <doctest/doctest.h>

using namespace coffer::vault;

TEST_CASE("If-None-Match names an entity-tag alone, in a list, or as weak") {
  for (const char* value :
       {R"("a")", R"(W/"a")", R"("x", "a")", R"("x" , W/"a","y")", "*", " * "}) {
    CAPTURE(value);
    CHECK(namesTag(value, R"("a")"));
  }
  for (const char* value :
       {"", "a", R"("b")", R"("A")", R"("aa")", R"("a)", R"(w/"a")", ",,", "**"}) {
    CAPTURE(value);
    CHECK_FALSE(namesTag(value, R"("a")"));
  }
}

TEST_CASE("a coding is accepted when it is listed, and not with a weight of zero") {
  for (const char* value : {"br", "gzip, deflate, br", "BR", "gzip;q=1.0, br;q=0.001", "br ; q=1",
                            "br;level=4;q=0.5", ",br,"}) {
    CAPTURE(value);
    CHECK(acceptsEncoding(value, "br"));
  }
  for (const char* value : {"", "gzip", "*", "identity", "brotli", "xbr", "br;q=0", "br;q=0.000",
                            "br; Q=0", "br;level=4;q=0"}) {
    CAPTURE(value);
    CHECK_FALSE(acceptsEncoding(value, "br"));
  }
}
