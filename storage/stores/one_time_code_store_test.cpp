// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/one_time_code_store.h"

#include "storage/stores/spent_token_store.h"
#include "storage/stores/test_vault.h"

using namespace coffer;
using namespace coffer::storage;

TEST_CASE("an account has one code for each purpose, and it ends with the account") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    OneTimeCodeStore codes(tx);
    codes.put(vault.alice, "new_device", {"first", "a", 2, kStart, kStart + kMinute});
    codes.put(vault.alice, "new_device", {"second", std::nullopt, 0, kStart + 1, kStart + kHour});
    codes.put(vault.alice, "email_change", {"third", "b", 0, kStart, kStart + kHour});
    codes.put(vault.mallory, "new_device", {"fourth", "c", 0, kStart, kStart + kMinute});

    codes.countAttempt(vault.alice, "new_device");
    const auto code = codes.find(vault.alice, "new_device");
    REQUIRE(code);
    CHECK(code->hash == "second");
    CHECK_FALSE(code->data);
    CHECK(code->attempts == 1);
    CHECK(code->sentAt == kStart + 1);
    CHECK(code->expiresAt == kStart + kHour);

    codes.useUp(vault.alice, "email_change");
    const auto used = codes.find(vault.alice, "email_change");
    REQUIRE(used);
    CHECK(used->hash.empty());
    CHECK_FALSE(used->data);
    CHECK(used->sentAt == kStart);

    codes.remove(vault.alice, "new_device");
    CHECK_FALSE(codes.find(vault.alice, "new_device"));
    CHECK(codes.find(vault.alice, "email_change"));
    CHECK(UserStore(tx).remove(vault.alice));
    CHECK_FALSE(codes.find(vault.alice, "email_change"));
  });
}

TEST_CASE("a token is spent once") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SpentTokenStore spent(tx);
    CHECK(spent.spend("hash", kStart + kHour));
    CHECK_FALSE(spent.spend("hash", kStart + kDay));
    CHECK(spent.spend("other", kStart + kDay));
    CHECK_FALSE(spent.spend("other", kStart + kDay));
  });
}
