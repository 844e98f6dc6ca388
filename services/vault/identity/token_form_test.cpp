// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_form.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

using namespace coffer::vault;

TEST_CASE("a field is found however the client spells its name") {
  for (const char* body : {
           "deviceIdentifier=abc",
           "device_identifier=abc",
           "DeviceIdentifier=abc",
           "DEVICE_IDENTIFIER=abc",
           "deviceidentifier=abc",
           "device%5Fidentifier=abc",
           "x=1&deviceIdentifier=abc&y=2",
           "&&deviceIdentifier=abc&",
           "deviceIdentifier=abc&device_identifier=other",
       }) {
    CAPTURE(body);
    CHECK(TokenForm::parse(body).get("deviceIdentifier") == "abc");
  }
}

TEST_CASE("values are decoded, and what is absent is empty") {
  const auto form = TokenForm::parse(
      "scope=api+offline_access&password=a%2Bb%2F%3d%3D&username=me%40example.test"
      "&devicePushToken=&flag&equals=a=b&name=%C3%A9");
  CHECK(form.get("scope") == "api offline_access");
  CHECK(form.get("password") == "a+b/==");
  CHECK(form.get("username") == "me@example.test");
  CHECK(form.get("devicePushToken").empty());
  CHECK(form.get("flag").empty());
  CHECK(form.get("equals") == "a=b");
  CHECK(form.get("name") == "\xC3\xA9");
  CHECK(form.get("grantType").empty());
  CHECK(TokenForm::parse("").get("grantType").empty());
}

TEST_CASE("a form that is broken is refused") {
  std::string crowd;
  for (int i = 0; i < 65; ++i) crowd += "f" + std::to_string(i) + "=x&";
  for (const std::string& body : {
           std::string("password=%"),
           std::string("password=%4"),
           std::string("password=%4g"),
           std::string("password=%zz"),
           std::string("%ff=x"),
           std::string("username=%ff%fe"),
           std::string("username=%00"),
           std::string("username=a%0d%0ab"),
           std::string("username=a\x7F"),
           crowd,
       }) {
    CAPTURE(body);
    CHECK_THROWS_AS(TokenForm::parse(body), coffer::BadRequest);
  }
}
