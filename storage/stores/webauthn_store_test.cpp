// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/webauthn_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

namespace {

constexpr auto kFactor = WebAuthnKind::SecondFactor;
constexpr auto kPasskey = WebAuthnKind::Passkey;

WebAuthnCredential makeKey(const std::string& owner, int number, WebAuthnKind kind) {
  WebAuthnCredential key;
  key.id = uuid(100 + number);
  key.userId = owner;
  key.kind = kind;
  if (kind == kFactor) key.slot = number;
  key.name = "key " + std::to_string(number);
  key.credentialId = std::string("\0id", 3) + std::to_string(number);
  key.publicKey = std::string("\0public", 7);
  key.algorithm = -7;
  key.signCount = 5;
  key.aaguid = std::string(16, '\0');
  key.createdAt = kStart;
  key.revisedAt = kStart;
  return key;
}

}  // namespace

TEST_CASE("a key comes back as it was stored, for its owner and its kind only") {
  TestVault vault;
  auto key = makeKey(vault.alice, 1, kPasskey);
  key.transports = R"(["usb"])";
  key.backupEligible = key.backedUp = key.supportsPrf = true;
  key.keys = PasskeyKeys{"4.u", "2.p", "2.s"};
  vault.use([&](Transaction& tx) {
    WebAuthnStore store(tx);
    store.insert(key);
    const auto found = store.find(vault.alice, kPasskey, key.credentialId);
    REQUIRE(found);
    CHECK(found->id == key.id);
    CHECK_FALSE(found->slot);
    CHECK(found->name == key.name);
    CHECK(found->credentialId == key.credentialId);
    CHECK(found->publicKey == key.publicKey);
    CHECK(found->algorithm == -7);
    CHECK(found->signCount == 5);
    CHECK(found->aaguid == key.aaguid);
    CHECK(found->transports == key.transports);
    CHECK(found->backupEligible);
    CHECK(found->backedUp);
    CHECK(found->isPrfEnabled());
    CHECK(found->keys->privateKey == "2.s");
    CHECK_FALSE(store.find(vault.mallory, kPasskey, key.credentialId));
    CHECK_FALSE(store.find(vault.alice, kFactor, key.credentialId));
    CHECK(store.hasAny(vault.alice, kPasskey));
    CHECK_FALSE(store.hasAny(vault.alice, kFactor));
    CHECK_FALSE(store.hasAny(vault.mallory, kPasskey));
  });
}

TEST_CASE("keys are listed by slot") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    WebAuthnStore store(tx);
    for (const int slot : {3, 1, 2}) store.insert(makeKey(vault.alice, slot, kFactor));
    store.insert(makeKey(vault.mallory, 4, kFactor));
    const auto keys = store.list(vault.alice, kFactor);
    REQUIRE(keys.size() == 3);
    CHECK(keys[0].slot == 1);
    CHECK(keys[2].slot == 3);
  });
}

TEST_CASE("a credential id belongs to one account") {
  TestVault vault;
  vault.use([&](Transaction& tx) { WebAuthnStore(tx).insert(makeKey(vault.alice, 1, kFactor)); });
  auto stolen = makeKey(vault.mallory, 1, kFactor);
  stolen.id = uuid(200);
  CHECK_THROWS_AS(vault.use([&](Transaction& tx) { WebAuthnStore(tx).insert(stolen); }), Conflict);
}

TEST_CASE("a counter must grow, unless there is none") {
  struct Row {
    std::uint32_t stored;
    std::uint32_t shown;
    bool isTaken;
  };
  constexpr Row kRows[] = {{0, 0, true},
                           {0, 1, true},
                           {5, 6, true},
                           {5, 5, false},
                           {5, 4, false},
                           {5, 0, false},
                           {0xFFFFFFFE, 0xFFFFFFFF, true}};
  for (const auto& row : kRows) {
    CAPTURE(row.stored);
    CAPTURE(row.shown);
    TestVault vault;
    vault.use([&](Transaction& tx) {
      WebAuthnStore store(tx);
      auto key = makeKey(vault.alice, 1, kFactor);
      key.signCount = row.stored;
      store.insert(key);
      CHECK_FALSE(store.recordUse(vault.mallory, key.id, {row.shown, true, true}, kStart + 1));
      CHECK(store.recordUse(vault.alice, key.id, {row.shown, true, true}, kStart + 1) ==
            row.isTaken);
      const auto after = store.find(vault.alice, kFactor, key.credentialId);
      CHECK(after->signCount == (row.isTaken ? row.shown : row.stored));
      CHECK(after->backedUp == row.isTaken);
    });
  }
}

TEST_CASE("what unlocks is set, rotated and removed for the owner's passkeys only") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    WebAuthnStore store(tx);
    auto key = makeKey(vault.alice, 1, kPasskey);
    key.supportsPrf = true;
    const auto factor = makeKey(vault.alice, 2, kFactor);
    store.insert(key);
    store.insert(factor);
    const PasskeyKeys keys{"4.u", "2.p", "2.s"};
    CHECK_FALSE(store.rotateKeys(vault.alice, key.id, "4.v", "2.q", kStart));  // None yet.
    CHECK_FALSE(store.setKeys(vault.mallory, key.id, keys, kStart));
    CHECK_FALSE(store.setKeys(vault.alice, factor.id, keys, kStart));
    CHECK(store.setKeys(vault.alice, key.id, keys, kStart));
    CHECK_FALSE(store.rotateKeys(vault.mallory, key.id, "4.v", "2.q", kStart));
    CHECK(store.rotateKeys(vault.alice, key.id, "4.v", "2.q", kStart));
    const auto found = store.find(vault.alice, kPasskey, key.credentialId);
    CHECK(found->keys->userKey == "4.v");
    CHECK(found->keys->publicKey == "2.q");
    CHECK(found->keys->privateKey == "2.s");

    CHECK_FALSE(store.remove(vault.mallory, kPasskey, key.id));
    CHECK_FALSE(store.remove(vault.alice, kFactor, key.id));
    CHECK(store.remove(vault.alice, kPasskey, key.id));
    CHECK_FALSE(store.remove(vault.alice, kPasskey, key.id));
    CHECK(store.removeAll(vault.mallory, kFactor) == 0);
    CHECK(store.removeAll(vault.alice, kFactor) == 1);
  });
}
