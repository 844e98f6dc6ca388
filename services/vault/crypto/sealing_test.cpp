// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/sealing.h"

#include "services/vault/encstring.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace coffer::vault;

namespace {
const std::string kKey(64, 'k');

// Made with openssl enc and openssl dgst from the key above and an iv of sixteen 'i'.
constexpr const char* kSealedElsewhere =
    "2.aWlpaWlpaWlpaWlpaWlpaQ==|/GjQ21xKpJ30t1IsMjMVmWZwFClJWcQgTtdpj1jcd9o=|doAy4Vu4Jw7vr/"
    "lhRPihJ8e4sD+SY/hzBnRuaz5byTs=";
}  // namespace

TEST_CASE("what was sealed is read back with the same key only") {
  for (const std::string plain : {"", "a", "sixteen bytes !!", "much longer than a single block"}) {
    const auto sealed = seal(plain, kKey);
    CHECK(parseEncString(sealed) == EncStringType::Aes256CbcHmac);
    CHECK(unseal(sealed, kKey) == plain);
    CHECK_FALSE(unseal(sealed, std::string(64, 'x')));
    CHECK(seal(plain, kKey) != sealed);  // A fresh iv every time.
  }
}

TEST_CASE("text sealed by another implementation is read") {
  CHECK(unseal(kSealedElsewhere, kKey) == "hello from outside");
}

TEST_CASE("sealed text that was changed anywhere is refused") {
  const std::string sealed = kSealedElsewhere;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAPTURE(changed);
    // The last character before padding carries bits that no byte comes from.
    const bool isSpare = i + 1 < sealed.size() && sealed[i + 1] == '=';
    if (!isSpare) CHECK_FALSE(unseal(changed, kKey));
  }
}

TEST_CASE("a key of the wrong size is a fault in the program") {
  CHECK_THROWS_AS(seal("x", std::string(32, 'k')), std::logic_error);
  CHECK_THROWS_AS((void)unseal(kSealedElsewhere, std::string(63, 'k')), std::logic_error);
}
