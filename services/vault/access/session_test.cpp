// SPDX-License-Identifier: BSD-2-Clause
//
// What a session may still write that ended after the guard had let it in: a key rotation takes
// long, and whatever waits behind it was sealed with the key that is gone.
#include "services/vault/access/session.h"

#include "appliance/base/fault.h"
#include "services/vault/ciphers/cipher_import.h"
#include "services/vault/ciphers/cipher_operations.h"
#include "services/vault/folders/folder_operations.h"
#include "services/vault/testing/test_items.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <functional>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

Session sessionOf(TestVault& vault, const TestClient& client) {
  const auto state = vault.database().read([&](storage::Transaction& tx) {
    return storage::UserStore(tx).findSession(client.userId, client.device);
  });
  return {client.userId, client.email, client.device, state->securityStamp};
}

}  // namespace

TEST_CASE("nothing that is sealed is stored for a session that ended meanwhile") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto item = addItem(alice);
  const auto folder = addFolder(alice);
  // The operations without their routes, and so without the guard.
  const auto& context = vault.service().context();
  const Session session = sessionOf(vault, alice);
  const auto document = json::Document::parse(loginItem(7).dump());
  const auto form = CipherForm::parse(document.object(), 10'000);
  ImportForm import;
  import.ciphers = {form};
  import.folderOf.resize(1);

  CHECK_NOTHROW(updateCipher(context, session, item, form, true));
  std::function<bool(storage::Transaction&)> end;
  SUBCASE("its key was replaced") {
    end = [&](storage::Transaction& tx) {
      const auto now = vault.clock().now();
      return storage::UserStore(tx).setSecurityStamp(alice.userId, "another", now + kMinute, now);
    };
  }
  SUBCASE("its account was disabled") {
    end = [&](storage::Transaction& tx) {
      return storage::UserStore(tx).setEnabled(alice.userId, false, vault.clock().now());
    };
  }
  SUBCASE("its device was removed") {
    end = [&](storage::Transaction& tx) {
      return storage::DeviceStore(tx).remove(alice.userId, alice.device);
    };
  }
  SUBCASE("its account was deleted") {
    end = [&](storage::Transaction& tx) { return storage::UserStore(tx).remove(alice.userId); };
  }
  REQUIRE(vault.database().write(end));
  CHECK_THROWS_AS(createCipher(context, session, form), Unauthorized);
  CHECK_THROWS_AS(updateCipher(context, session, item, form, true), Unauthorized);
  CHECK_THROWS_AS(importVault(context, session, import), Unauthorized);
  CHECK_THROWS_AS(createFolder(context, session, sealedText(1)), Unauthorized);
  CHECK_THROWS_AS(renameFolder(context, session, folder, sealedText(2)), Unauthorized);
}
