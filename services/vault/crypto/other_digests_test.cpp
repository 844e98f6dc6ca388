// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/other_digests.h"

#include "appliance/base/bytes.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;

// RFC 2202 and RFC 4231, test case 2; FIPS 180-4's example for SHA-512/256.
TEST_CASE("hashes of other protocols agree with the vectors of their standards") {
  constexpr const char* message = "what do ya want for nothing?";
  CHECK(toHex(hmacSha1("Jefe", message)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(toHex(hmacSha512("Jefe", message)) ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  CHECK(toHex(sha512Of256("abc")) ==
        "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
}
