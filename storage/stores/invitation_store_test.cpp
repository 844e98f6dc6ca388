// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/invitation_store.h"

#include "storage/stores/test_vault.h"

using namespace coffer;
using namespace coffer::storage;

TEST_CASE("an address is invited until it is taken away, however often it was invited") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    InvitationStore invitations(tx);
    CHECK_FALSE(invitations.has("guest@example.test"));
    CHECK_FALSE(invitations.isAnybodyInvited());
    invitations.add("guest@example.test", "alice@example.test", kStart);
    invitations.add("guest@example.test", "mallory@example.test", kStart + 1);
    CHECK(invitations.has("guest@example.test"));
    CHECK(invitations.isAnybodyInvited());
    CHECK_FALSE(invitations.has("other@example.test"));
    CHECK(invitations.remove("guest@example.test"));
    CHECK_FALSE(invitations.has("guest@example.test"));
    CHECK_FALSE(invitations.remove("guest@example.test"));
  });
}

TEST_CASE("nobody takes back whom the owner of the box has invited") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    InvitationStore invitations(tx);
    for (const auto& [first, second] :
         {std::pair<std::optional<std::string_view>, std::optional<std::string_view>>(vault.alice,
                                                                                      std::nullopt),
          {std::nullopt, vault.alice}}) {
      invitations.add("guest@example.test", first, kStart);
      invitations.add("guest@example.test", second, kStart + 1);
      invitations.withdraw("guest@example.test", vault.alice);
      CHECK(invitations.has("guest@example.test"));
      CHECK(invitations.remove("guest@example.test"));
    }
    invitations.add("guest@example.test", vault.alice, kStart);
    invitations.withdraw("guest@example.test", vault.alice);
    CHECK_FALSE(invitations.has("guest@example.test"));
  });
}
