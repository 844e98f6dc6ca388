// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/password_hasher.h"

#include "appliance/base/bytes.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;

TEST_CASE("the server's hash is PBKDF2-HMAC-SHA256 over the text that the client sent") {
  // hashlib.pbkdf2_hmac("sha256", b"r5CFRR+n9NQI8a525FY+0BPR0HGOjVJX0cR1KEMnIOo=", b"s" * 64, 1000)
  storage::PasswordVerifier verifier;
  verifier.salt = std::string(64, 's');
  verifier.iterations = 1'000;
  verifier.hash = *fromHex("fc3fa7062fbbab5fea840968edf334816bb31af72f7b84e2d62b8306b438b072");
  const PasswordHasher hasher(1'000);
  CHECK(hasher.matches("r5CFRR+n9NQI8a525FY+0BPR0HGOjVJX0cR1KEMnIOo=", verifier));
  CHECK_FALSE(hasher.matches("r5CFRR+n9NQI8a525FY+0BPR0HGOjVJX0cR1KEMnIOo", verifier));
  CHECK_FALSE(hasher.matches("", verifier));
}

TEST_CASE("every verifier has a salt of its own") {
  const PasswordHasher hasher(10);
  const auto first = hasher.make("hash");
  const auto second = hasher.make("hash");
  CHECK(first.salt.size() == 64);
  CHECK(first.hash.size() == 32);
  CHECK(first.salt != second.salt);
  CHECK(first.hash != second.hash);
  CHECK(hasher.matches("hash", first));
  CHECK(hasher.matches("hash", second));
  CHECK_FALSE(hasher.matches("Hash", first));
}

TEST_CASE("a verifier made with another count still works, and is outdated when it was lower") {
  const auto verifier = PasswordHasher(10).make("hash");
  CHECK(PasswordHasher(20).matches("hash", verifier));
  CHECK(PasswordHasher(20).isOutdated(verifier));
  CHECK_FALSE(PasswordHasher(10).isOutdated(verifier));
  CHECK_FALSE(PasswordHasher(5).isOutdated(verifier));
}

TEST_CASE("an account without a password matches nothing") {
  const PasswordHasher hasher(10);
  CHECK_FALSE(hasher.matches("", {}));
  CHECK_FALSE(hasher.matches("hash", {}));
  CHECK_FALSE(hasher.matchesNobody(""));
  CHECK_FALSE(hasher.matchesNobody("hash"));
}
