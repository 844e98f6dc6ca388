// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/duo_login_store.h"

#include "storage/stores/test_vault.h"

using namespace coffer;
using namespace coffer::storage;

TEST_CASE("a login that comes back from Duo is taken once, by its owner and in time") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DuoLoginStore logins(tx);
    logins.insert({"one", vault.alice, "nonce 1", kStart + kMinute}, 10);
    logins.insert({"two", vault.alice, "nonce 2", kStart + kMinute}, 10);
    CHECK_FALSE(logins.take("other", vault.alice, kStart));
    CHECK_FALSE(logins.take("one", vault.mallory, kStart));
    CHECK(logins.take("one", vault.alice, kStart) == "nonce 1");
    CHECK_FALSE(logins.take("one", vault.alice, kStart));
    CHECK_FALSE(logins.take("two", vault.alice, kStart + kMinute));
    CHECK_FALSE(logins.take("two", vault.alice, kStart));
  });
}

TEST_CASE("the logins of one account that wait for Duo are bounded, the newest stay") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DuoLoginStore logins(tx);
    logins.insert({"hers", vault.mallory, "n", kStart + 1}, 2);
    for (int i = 0; i < 5; ++i) {
      logins.insert({"state " + std::to_string(i), vault.alice, "n", kStart + kMinute + i}, 2);
    }
    CHECK_FALSE(logins.take("state 2", vault.alice, kStart));
    CHECK(logins.take("state 3", vault.alice, kStart));
    CHECK(logins.take("state 4", vault.alice, kStart));
    CHECK(logins.take("hers", vault.mallory, kStart));

    logins.insert({"last", vault.alice, "n", kStart + kMinute}, 2);
    logins.insert({"hers", vault.mallory, "n", kStart + kMinute}, 2);
    logins.removeAll(vault.alice);
    CHECK_FALSE(logins.take("last", vault.alice, kStart));
    CHECK(UserStore(tx).remove(vault.mallory));
    CHECK_FALSE(logins.take("hers", vault.mallory, kStart));
  });
}
