// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/totp.h"

#include <doctest/doctest.h>

#include <set>

using namespace coffer;
using namespace coffer::vault;

namespace {

// The secret of RFC 6238 appendix B, whose vectors have eight digits: a code of six is their end.
const std::string kKey = toBase32("12345678901234567890");

struct Vector {
  std::int64_t seconds;
  const char* code;
};
constexpr Vector kVectors[] = {
    {59, "287082"},
    {1'111'111'109, "081804"},
    {1'111'111'111, "050471"},
    {1'234'567'890, "005924"},
    {2'000'000'000, "279037"},
    {20'000'000'000, "353130"},
};

}  // namespace

TEST_CASE("codes are those of RFC 6238") {
  CHECK(kKey == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  for (const auto& vector : kVectors) {
    CAPTURE(vector.seconds);
    CHECK(totpCode(kKey, vector.seconds * kSecond) == vector.code);
    CHECK(findTotpStep(kKey, vector.code, vector.seconds * kSecond, 0) == vector.seconds / 30);
  }
}

TEST_CASE("a code is good for its half minute, and for the ones beside it when drift is allowed") {
  const UnixMicros start = 1'770'000'000 * kSecond;  // A step begins here.
  const std::int64_t step = start / kSecond / 30;
  const std::string code = totpCode(kKey, start);
  CHECK(findTotpStep(kKey, code, start + 30 * kSecond - 1, 0) == step);
  CHECK_FALSE(findTotpStep(kKey, code, start + 30 * kSecond, 0));
  CHECK_FALSE(findTotpStep(kKey, code, start - 1, 0));

  CHECK(findTotpStep(kKey, code, start + 60 * kSecond - 1, 1) == step);
  CHECK(findTotpStep(kKey, code, start - 30 * kSecond, 1) == step);
  CHECK_FALSE(findTotpStep(kKey, code, start + 60 * kSecond, 1));
  CHECK_FALSE(findTotpStep(kKey, code, start - 30 * kSecond - 1, 1));
}

TEST_CASE("anything else is no code") {
  const UnixMicros now = 59 * kSecond;
  for (const char* code : {"", "287083", "28708", "2870820", " 287082", "28708a", "94287082",
                           "-87082", "\xEF\xBC\x92\xEF\xBC\x98"}) {
    CAPTURE(code);
    CHECK_FALSE(findTotpStep(kKey, code, now, 1));
  }
}

TEST_CASE("a key is base32 of twenty bytes, in any case") {
  CHECK(parseTotpKey("gezdgnbvgy3tqojqgezdgnbvgy3tqojq") == kKey);
  for (const char* text : {"", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ",
                           "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1",
                           "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ=", "GEZD GNBV GY3T QOJQ GEZD GNBV GY",
                           "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO\xC3\x89"}) {
    CAPTURE(text);
    CHECK_FALSE(parseTotpKey(text));
  }
}

TEST_CASE("fresh keys are keys, and differ") {
  std::set<std::string> keys;
  for (int i = 0; i < 20; ++i) keys.insert(makeTotpKey());
  CHECK(keys.size() == 20);
  for (const auto& key : keys) CHECK(parseTotpKey(key) == key);
}
