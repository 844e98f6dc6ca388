// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/jobs/vault_jobs.h"

#include "services/vault/testing/test_items.h"
#include "services/vault/testing/test_vault.h"
#include "storage/stores/one_time_code_store.h"
#include "storage/stores/spent_token_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace coffer::vault {
namespace {

using testing::TestVault;

std::uint64_t run(TestVault& vault, const std::string& name) {
  const auto jobs = vault.service().jobs();
  const auto job =
      std::find_if(jobs.begin(), jobs.end(), [&](const VaultJob& one) { return one.name == name; });
  REQUIRE_MESSAGE(job != jobs.end(), name);
  return job->run();
}

void keepTrashForADay(VaultOptions& options) { options.trashRetention = std::chrono::hours(24); }

}  // namespace

TEST_CASE(
    "every job has a name of its own, a sentence, and does nothing in an empty vault, twice") {
  TestVault vault;
  std::set<std::string> names;
  for (const auto& job : vault.service().jobs()) {
    CAPTURE(job.name);
    CHECK(names.insert(job.name).second);
    CHECK(job.help.ends_with("."));
    CHECK(job.run() == 0);
    CHECK(job.run() == 0);
  }
  CHECK(names.size() >= 4);
}

TEST_CASE("the trash is emptied of what has been in it long enough, and devices are told") {
  TestVault vault(keepTrashForADay);
  const auto client = vault.signUp("owner@example.test");
  const auto old = testing::addItem(client);
  const auto fresh = testing::addItem(client);
  const auto kept = testing::addItem(client);
  REQUIRE(client.put("/api/ciphers/" + old + "/delete").status == 200);
  vault.clock().advance(23 * kHour);
  const auto again = vault.logIn(client.email, client.passwordHash, client.device);
  REQUIRE(again.put("/api/ciphers/" + fresh + "/delete").status == 200);
  vault.clock().advance(kHour + kSecond);
  (void)vault.takeUpdates();
  const auto revision = again.revisionDate();

  CHECK(run(vault, "purge-trash") == 1);
  CHECK(again.get("/api/ciphers/" + old).status == 404);
  CHECK(again.get("/api/ciphers/" + fresh).status == 200);
  CHECK(again.get("/api/ciphers/" + kept).status == 200);
  CHECK(again.revisionDate() > revision);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::Ciphers);
  CHECK(updates[0].userId == client.userId);
  CHECK(run(vault, "purge-trash") == 0);
}

TEST_CASE("without a retention the trash is kept for ever") {
  TestVault vault;
  const auto client = vault.signUp("owner@example.test");
  const auto id = testing::addItem(client);
  REQUIRE(client.put("/api/ciphers/" + id + "/delete").status == 200);
  vault.clock().advance(3650 * kDay);
  CHECK(run(vault, "purge-trash") == 0);
  const auto again = vault.logIn(client.email, client.passwordHash, client.device);
  CHECK(again.get("/api/ciphers/" + id).status == 200);
}

TEST_CASE("codes and used tokens go when their time is over, and not before") {
  TestVault vault;
  const auto client = vault.signUp("owner@example.test");
  const auto now = vault.clock().now();
  const std::string hash(32, 'x');
  vault.database().write([&](storage::Transaction& tx) {
    storage::OneTimeCodeStore(tx).put(client.userId, "early",
                                      {hash, std::nullopt, 0, now, now + kMinute});
    storage::OneTimeCodeStore(tx).put(client.userId, "late",
                                      {hash, std::nullopt, 0, now, now + kHour});
    REQUIRE(storage::SpentTokenStore(tx).spend(hash, now + kMinute));
  });
  CHECK(run(vault, "purge-expired") == 0);
  vault.clock().advance(2 * kMinute);
  CHECK(run(vault, "purge-expired") == 2);
  vault.database().write([&](storage::Transaction& tx) {
    storage::OneTimeCodeStore codes(tx);
    CHECK_FALSE(codes.find(client.userId, "early"));
    CHECK(codes.find(client.userId, "late"));
    CHECK(storage::SpentTokenStore(tx).spend(hash, now + kHour));
  });
}

}  // namespace coffer::vault
