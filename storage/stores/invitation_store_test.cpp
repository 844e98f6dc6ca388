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
    invitations.add("guest@example.test", "alice@example.test", kStart);
    invitations.add("guest@example.test", "mallory@example.test", kStart + 1);
    CHECK(invitations.has("guest@example.test"));
    CHECK_FALSE(invitations.has("other@example.test"));
    invitations.remove("guest@example.test");
    CHECK_FALSE(invitations.has("guest@example.test"));
    invitations.remove("guest@example.test");
  });
}
