// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/form_body.h"

#include <doctest/doctest.h>

using namespace coffer::outbound;

TEST_CASE("a form escapes everything but letters, digits and four signs") {
  CHECK(percentEncoded("").empty());
  CHECK(percentEncoded("aZ09-._~") == "aZ09-._~");
  CHECK(percentEncoded("+/= &%\r\n") == "%2B%2F%3D%20%26%25%0D%0A");
  CHECK(percentEncoded(std::string_view("\0\xC3\xBC", 3)) == "%00%C3%BC");
  CHECK(formBody({}).empty());
  CHECK(formBody({{"a", "1"}, {"b c", "x&y=z"}, {"d", ""}}) == "a=1&b%20c=x%26y%3Dz&d=");
}
