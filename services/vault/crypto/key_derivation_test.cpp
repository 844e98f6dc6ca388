// SPDX-License-Identifier: BSD-2-Clause
//
// The expected values come from other implementations: Python's hashlib and hmac, and the
// Argon2id of the "cryptography" package; RFC 5869 for HKDF.
#include "services/vault/crypto/key_derivation.h"

#include "appliance/base/bytes.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;

namespace {
constexpr const char* kPassword = "correct horse";
constexpr const char* kEmail = "user@example.test";
}  // namespace

TEST_CASE("a master password becomes the master key and hash that clients derive") {
  struct Row {
    KdfSettings kdf;
    const char* masterKey;
    const char* hash;
  };
  for (const Row& row : {
           Row{{KdfType::Pbkdf2, 5000, {}, {}},
               "100c631fba2e88ba472a4795d3aa2500ce892f2e680583aa12afe890002e8b71",
               "mbyPTjcRRYs4v8p9dOjKx6l2MpXmtnQ4UZlnxjRlSXc="},
           Row{kDefaultPbkdf2, "e872cabb2def2df7eb23236887a95a6c40aa92756521764273b66af121cfe774",
               "9LRb+xfo3BqmsHpqvVC/VSrn9NhPc02kBlgFmEOVjBE="},
           Row{{KdfType::Argon2id, 2, 16, 1},
               "7e33a53ffbdf0dbbf9a836659afd7672cf5e13f72ab50ebc77e95bc19a4447b2",
               "SycF4Gr+XlpI/MH0dGAErEsIItlIoDN7m+Fo6o0x45c="},
           Row{{KdfType::Argon2id, 3, 64, 4},
               "b28607089a708ff5197d1f46034e194134fe7315bec58cce40e3821842a9b5e1",
               "AbSss0ARmuWiMI0mnROexPoQp8umkdOIuSGFNF0mlx8="},
       }) {
    CAPTURE(row.masterKey);
    const auto masterKey = deriveMasterKey(kPassword, kEmail, row.kdf);
    CHECK(toHex(masterKey) == row.masterKey);
    CHECK(masterPasswordHash(masterKey, kPassword) == row.hash);
  }
}

TEST_CASE("the master key is stretched to a key for encryption and one for authentication") {
  const auto masterKey =
      *fromHex("100c631fba2e88ba472a4795d3aa2500ce892f2e680583aa12afe890002e8b71");
  CHECK(toHex(stretchMasterKey(masterKey)) ==
        "a5aad530a0dae1b7e66efa011a6b14caecc08dfe78a286fff95517a02fa9313e"
        "9b8d5b2e890cc402c9feac91b39590dfd61de2f08e08cb3b3c03aea01f44abd1");
}

TEST_CASE("HKDF-Expand gives the output of RFC 5869's first test case") {
  const auto key = *fromHex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  CHECK(toHex(hkdfExpandSha256(key, *fromHex("f0f1f2f3f4f5f6f7f8f9"), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST_CASE("a client may set only such KDF settings as every client can log in with") {
  struct Row {
    KdfSettings kdf;
    bool good;
  };
  for (const Row& row : {
           Row{{KdfType::Pbkdf2, 600'000, {}, {}}, true},
           Row{{KdfType::Pbkdf2, 2'000'000, {}, {}}, true},
           Row{{KdfType::Pbkdf2, 599'999, {}, {}}, false},
           Row{{KdfType::Pbkdf2, 0, {}, {}}, false},
           Row{{KdfType::Pbkdf2, 2'000'001, {}, {}}, false},
           Row{{KdfType::Argon2id, 2, 16, 1}, true},
           Row{{KdfType::Argon2id, 6, 32, 4}, true},
           Row{{KdfType::Argon2id, 10, 1024, 16}, true},
           Row{{KdfType::Argon2id, 1, 32, 4}, false},
           Row{{KdfType::Argon2id, 11, 32, 4}, false},
           Row{{KdfType::Argon2id, 6, 15, 4}, false},
           Row{{KdfType::Argon2id, 6, 1025, 4}, false},
           Row{{KdfType::Argon2id, 6, {}, 4}, false},
           Row{{KdfType::Argon2id, 6, 32, 0}, false},
           Row{{KdfType::Argon2id, 6, 32, 17}, false},
           Row{{KdfType::Argon2id, 6, 32, {}}, false},
       }) {
    CAPTURE(row.kdf.iterations);
    CAPTURE(row.kdf.memoryMiB.value_or(0));
    CHECK(findKdfProblem(row.kdf, 600'000).has_value() != row.good);
  }
  CHECK_FALSE(findKdfProblem({KdfType::Pbkdf2, 100'000, {}, {}}, 100'000));
}
