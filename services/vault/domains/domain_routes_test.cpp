// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/domains/domain_routes.h"

#include "services/vault/domains/global_domains.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace coffer::vault {

using nlohmann::json;
using testing::TestVault;

TEST_CASE("every global group has a number of its own and two domains or more in lower case") {
  std::set<int> numbers;
  for (const auto& group : globalDomainGroups()) {
    CAPTURE(group.type);
    CHECK(numbers.insert(group.type).second);
    CHECK(group.domains.size() >= 2);
    std::set<std::string_view> domains(group.domains.begin(), group.domains.end());
    CHECK(domains.size() == group.domains.size());
    for (const auto domain : group.domains) {
      CHECK(domain.find('.') != std::string_view::npos);
      CHECK(std::all_of(domain.begin(), domain.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
      }));
    }
  }
  CHECK(numbers.contains(0));
}

TEST_CASE("excluded groups are marked in the settings and left out of a sync") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  (void)vault.takeUpdates();
  const auto reply =
      alice.put("/api/settings/domains", {{"excludedGlobalEquivalentDomains", {0, "10"}}});
  REQUIRE(reply.status == 200);
  std::size_t excluded = 0;
  const auto answered = reply.json();
  for (const auto& group : answered["globalEquivalentDomains"]) {
    if (group["excluded"].get<bool>()) ++excluded;
  }
  CHECK(excluded == 2);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::Settings);
  CHECK(updates[0].actingDevice == alice.device);

  const auto synced = alice.get("/api/sync").json()["domains"]["globalEquivalentDomains"];
  CHECK(synced.size() == globalDomainGroups().size() - 2);
  for (const auto& group : synced) {
    CHECK(group["type"] != 0);
    CHECK(group["type"] != 10);
    CHECK(group["excluded"] == false);
  }
}

TEST_CASE("equivalent domains are kept per account and replaced as a whole") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const json none = alice.get("/api/settings/domains").json();
  CHECK(none["equivalentDomains"] == json::array());
  CHECK(none["object"] == "domains");
  CHECK(alice.get("/api/settings/domains").json() == none);

  const json groups{{"a.test", "b.test"}, {"\"quoted\".test"}, json::array()};
  for (const auto method : {http::Method::Put, http::Method::Post}) {
    const auto before = alice.revisionDate();
    const auto reply = alice.call(
        method, "/api/settings/domains",
        json{{"equivalentDomains", groups}, {"excludedGlobalEquivalentDomains", {1, "2"}}}.dump());
    CHECK(reply.json()["equivalentDomains"] == groups);
    CHECK(alice.revisionDate() > before);
    CHECK(alice.get("/api/settings/domains").json()["equivalentDomains"] == groups);
    CHECK(alice.get("/api/sync").json()["domains"]["equivalentDomains"] == groups);
    CHECK(bob.get("/api/settings/domains").json() == none);
    CHECK(alice.put("/api/settings/domains").json() == none);
  }
  for (const json& wrong :
       {json{{"equivalentDomains", "a"}}, json{{"equivalentDomains", {"a"}}},
        json{{"equivalentDomains", {{1}}}}, json{{"excludedGlobalEquivalentDomains", {"x"}}}}) {
    CAPTURE(wrong.dump());
    CHECK(alice.put("/api/settings/domains", wrong).status == 400);
  }
}

}  // namespace coffer::vault
