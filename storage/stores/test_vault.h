// SPDX-License-Identifier: BSD-2-Clause
//
// For the tests of stores: a fresh database with two people in it. When a test ends, no query that
// it ran may have read a whole table or sorted what an index keeps sorted.
#pragma once

#include "storage/database/connection.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace coffer::storage {

constexpr UnixMicros kStart = 1'770'000'000 * kSecond;

// "…-000000000007"
inline std::string uuid(int number) {
  std::string text = "00000000-0000-4000-8000-000000000000";
  const std::string digits = std::to_string(number);
  return text.replace(text.size() - digits.size(), digits.size(), digits);
}

inline User makeUser(std::string id, std::string email) {
  User user;
  user.id = std::move(id);
  user.email = std::move(email);
  user.password = {.hash = std::string("\0\x01h", 3), .salt = "salt", .iterations = 1000};
  user.userKey = "2.key";
  user.securityStamp = "stamp-1";
  user.createdAt = kStart;
  user.revisedAt = kStart;
  return user;
}

class TestVault {
 public:
  // One transaction. Reads go through the writer too, so that their plans are looked at.
  template <typename F>
  auto use(F&& work) {
    return database.write(std::forward<F>(work));
  }

  TestVault() {
    use([&](Transaction& tx) {
      UserStore(tx).insert(makeUser(alice, "alice@example.test"));
      UserStore(tx).insert(makeUser(mallory, "mallory@example.test"));
    });
  }

  ~TestVault() {
    try {
      checkPlans();
    } catch (const std::exception& error) {
      FAIL_CHECK(std::string(error.what()));
    }
  }
  TestVault(const TestVault&) = delete;
  TestVault& operator=(const TestVault&) = delete;

  const std::string alice = uuid(1);
  const std::string mallory = uuid(2);
  tests::TempFolder folder;
  Database database{std::filesystem::path(folder.path()) / "db.sqlite3"};

 private:
  void checkPlans() {
    for (const auto& step : use([](Transaction& tx) { return tx.connection().explainCached(); })) {
      if (readsEverythingOnPurpose(step.query)) continue;
      CHECK_MESSAGE(step.text.substr(0, 4) != "SCAN", step.query << ": " << step.text);
      CHECK_MESSAGE(step.text.find("TEMP B-TREE FOR ORDER BY") == std::string::npos,
                    step.query << ": " << step.text);
    }
  }

  // The owner's list of accounts; a handful of a user's devices sorted by use.
  static bool readsEverythingOnPurpose(std::string_view query) {
    constexpr std::array<std::string_view, 3> kAllowed = {"users.list", "users.count",
                                                          "devices.list"};
    for (const auto allowed : kAllowed) {
      if (query == allowed) return true;
    }
    return false;
  }
};

}  // namespace coffer::storage
