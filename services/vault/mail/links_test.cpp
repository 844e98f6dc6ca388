// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/links.h"

#include <doctest/doctest.h>

namespace coffer::vault {
namespace {

constexpr const char* kBase = "https://vault.example.test/bitwarden";

TEST_CASE("links name the pages of the web vault below the base") {
  CHECK(verifyEmailLink(kBase, "u-1", "h.p_x-y.s") ==
        "https://vault.example.test/bitwarden/#/verify-email/?userId=u-1&token=h.p_x-y.s");
  CHECK(finishSignupLink(kBase, "a@example.test", "t") ==
        "https://vault.example.test/bitwarden/#/finish-signup/?email=a%40example.test&token=t");
  CHECK(recoverDeleteLink(kBase, "u-1", "t", "a@example.test") ==
        "https://vault.example.test/bitwarden/"
        "#/verify-recover-delete?userId=u-1&token=t&email=a%40example.test");
  CHECK(acceptEmergencyLink(kBase, "e-1", "Ann", "b@example.test", "t") ==
        "https://vault.example.test/bitwarden/"
        "#/accept-emergency/?id=e-1&name=Ann&email=b%40example.test&token=t");
}

TEST_CASE("no value of a link can add a parameter, end the fragment or lose a plus") {
  CHECK(finishSignupLink("", "a+b&token=x#y@example.test", "t") ==
        "/#/finish-signup/?email=a%2Bb%26token%3Dx%23y%40example.test&token=t");
  CHECK(acceptEmergencyLink("", "e", "J\xC3\xB6rg \"J\"\r\n", "b@c", "t") ==
        "/#/accept-emergency/?id=e&name=J%C3%B6rg%20%22J%22%0D%0A&email=b%40c&token=t");
}

}  // namespace
}  // namespace coffer::vault
