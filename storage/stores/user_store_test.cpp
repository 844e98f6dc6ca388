// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/user_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/cipher_store.h"
#include "storage/stores/device_store.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/invitation_store.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

TEST_CASE("every member of a user comes back as it was stored") {
  TestVault vault;
  User user = makeUser(uuid(7), "carol@example.test");
  user.emailVerifiedAt = kStart + 1;
  user.name = "Carol";
  user.kdf = {.type = 1, .iterations = 3, .memory = 64, .parallelism = 4};
  user.userKeyId = "00112233445566778899aabbccddeeff";
  user.keys = {.privateKey = "2.private",
               .publicKey = "public",
               .signedPublicKey = "signed",
               .signatureAlgorithm = "ed25519",
               .signingKey = "7.signing",
               .verifyingKey = "verifying",
               .securityState = "state",
               .securityVersion = 2};
  user.passwordHint = "hint";
  user.previousStamp = "stamp-0";
  user.previousStampUntil = kStart + 3;
  user.apiKey = "apikey";
  user.recoveryCode = "recovery";
  user.avatarColor = "#aabbcc";
  user.culture = "de-DE";
  user.verifyDevices = false;
  user.forcePasswordReset = true;
  user.disabled = true;
  user.equivalentDomains = R"([["a.test","b.test"]])";
  user.excludedGlobals = "[1,2]";
  user.lastLoginAt = kStart + 4;

  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    users.insert(user);
    const auto found = users.findByEmail("carol@example.test");
    REQUIRE(found);
    CHECK(found->id == user.id);
    CHECK(found->emailVerifiedAt == user.emailVerifiedAt);
    CHECK(found->name == user.name);
    CHECK(found->password.hash == user.password.hash);
    CHECK(found->password.salt == user.password.salt);
    CHECK(found->password.iterations == 1000);
    CHECK(found->kdf.type == 1);
    CHECK(found->kdf.iterations == 3);
    CHECK(found->kdf.memory == 64);
    CHECK(found->kdf.parallelism == 4);
    CHECK(found->userKey == "2.key");
    CHECK(found->userKeyId == user.userKeyId);
    CHECK(found->keys.privateKey == user.keys.privateKey);
    CHECK(found->keys.publicKey == user.keys.publicKey);
    CHECK(found->keys.signedPublicKey == user.keys.signedPublicKey);
    CHECK(found->keys.signatureAlgorithm == user.keys.signatureAlgorithm);
    CHECK(found->keys.signingKey == user.keys.signingKey);
    CHECK(found->keys.verifyingKey == user.keys.verifyingKey);
    CHECK(found->keys.securityState == user.keys.securityState);
    CHECK(found->keys.securityVersion == 2);
    CHECK(found->passwordHint == user.passwordHint);
    CHECK(found->securityStamp == "stamp-1");
    CHECK(found->previousStamp == user.previousStamp);
    CHECK(found->previousStampUntil == kStart + 3);
    CHECK(found->apiKey == user.apiKey);
    CHECK(found->recoveryCode == user.recoveryCode);
    CHECK(found->avatarColor == user.avatarColor);
    CHECK(found->culture == "de-DE");
    CHECK_FALSE(found->verifyDevices);
    CHECK(found->forcePasswordReset);
    CHECK(found->disabled);
    CHECK(found->equivalentDomains == user.equivalentDomains);
    CHECK(found->excludedGlobals == user.excludedGlobals);
    CHECK(found->createdAt == kStart);
    CHECK(found->revisedAt == kStart);
    CHECK(found->lastLoginAt == kStart + 4);
  });
}

TEST_CASE("what a user did not set is absent") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    const auto found = UserStore(tx).findById(vault.alice);
    REQUIRE(found);
    CHECK_FALSE(found->name);
    CHECK_FALSE(found->kdf.memory);
    CHECK_FALSE(found->keys.privateKey);
    CHECK_FALSE(found->apiKey);
    CHECK_FALSE(found->lastLoginAt);
  });
}

TEST_CASE("an e-mail address belongs to one user") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    CHECK_THROWS_AS(users.insert(makeUser(uuid(9), "alice@example.test")), Conflict);
    CHECK_THROWS_AS(users.insert(makeUser(vault.alice, "other@example.test")), Conflict);
    CHECK(users.count() == 2);
    CHECK_FALSE(users.findByEmail("nobody@example.test"));
    CHECK_FALSE(users.findById(uuid(9)));
    CHECK_THROWS_AS((void)users.setEmail(vault.mallory, "alice@example.test", std::nullopt, kStart),
                    Conflict);
  });
}

TEST_CASE("the account revision always moves forward by a millisecond at least") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    CHECK(users.bumpRevision(vault.alice, kStart + kSecond) == kStart + kSecond);
    CHECK(users.bumpRevision(vault.alice, kStart + kSecond) == kStart + kSecond + 1000);
    CHECK(users.bumpRevision(vault.alice, kStart - kDay) == kStart + kSecond + 2000);
    CHECK(users.bumpRevision(vault.alice, kStart + kSecond + 2500) == kStart + kSecond + 3000);
    CHECK(users.revisionDate(vault.alice) == kStart + kSecond + 3000);
    CHECK(users.revisionDate(vault.mallory) == kStart);
    CHECK_FALSE(users.bumpRevision(uuid(9), kStart));
    CHECK_FALSE(users.revisionDate(uuid(9)));
  });
}

TEST_CASE("a new password brings its stamp, and the old one lives as long as it is told to") {
  TestVault vault;
  PasswordChange change;
  change.password = {.hash = "h2", .salt = "s2", .iterations = 2000};
  change.kdf = {.type = 1, .iterations = 4, .memory = 32, .parallelism = 2};
  change.userKey = "2.key2";
  change.securityStamp = "stamp-2";
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    SUBCASE("for a while") {
      change.previousStampUntil = kStart + 2 * kMinute;
      CHECK(users.setPassword(vault.alice, change, kStart + kMinute));
      const auto user = users.findById(vault.alice).value();
      CHECK(user.previousStamp == "stamp-1");
      CHECK(user.previousStampUntil == kStart + 2 * kMinute);
      CHECK(user.securityStamp == "stamp-2");
      CHECK(user.password.hash == "h2");
      CHECK(user.kdf.memory == 32);
      CHECK(user.userKey == "2.key2");
      CHECK(user.revisedAt == kStart + kMinute);
    }
    SUBCASE("not at all") {
      CHECK(users.setPassword(vault.alice, change, kStart + kMinute));
      CHECK_FALSE(users.findById(vault.alice)->previousStamp);
    }
    CHECK(users.findById(vault.mallory)->securityStamp == "stamp-1");
    CHECK_FALSE(users.setPassword(uuid(9), change, kStart));
  });
}

TEST_CASE("hashing the same password anew changes nothing a client can see") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    CHECK(users.rehash(vault.alice, {.hash = "h3", .salt = "s3", .iterations = 3000}));
    const auto user = users.findById(vault.alice).value();
    CHECK(user.password.iterations == 3000);
    CHECK(user.securityStamp == "stamp-1");
    CHECK(user.revisedAt == kStart);
  });
}

TEST_CASE("each setter changes its member, moves the revision, and says when nobody is there") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    const auto now = kStart + kHour;
    AccountKeys keys;
    keys.privateKey = "2.p";
    keys.publicKey = "pub";
    for (const auto& id : {vault.alice, uuid(9)}) {
      const bool there = id == vault.alice;
      CHECK(users.setName(id, "Alice", now) == there);
      CHECK(users.setPasswordHint(id, "hint", now) == there);
      CHECK(users.setAvatarColor(id, "#010203", now) == there);
      CHECK(users.setKeys(id, keys, now) == there);
      CHECK(users.setUserKey(id, "2.k", now) == there);
      CHECK(users.setUserKeyId(id, std::string(32, 'a'), now) == there);
      CHECK(users.setApiKey(id, "api", now) == there);
      CHECK(users.setVerifyDevices(id, false, now) == there);
      CHECK(users.setDomains(id, R"([["x.test"]])", "[3]", now) == there);
      CHECK(users.setEnabled(id, false, now) == there);
      CHECK(users.setSecurityStamp(id, "stamp-9", 0, now) == there);
      CHECK(users.setEmailVerified(id, now) == there);
    }
    const auto user = users.findById(vault.alice).value();
    CHECK(user.name == "Alice");
    CHECK(user.passwordHint == "hint");
    CHECK(user.avatarColor == "#010203");
    CHECK(user.keys.privateKey == "2.p");
    CHECK(user.keys.publicKey == "pub");
    CHECK(user.userKey == "2.k");
    CHECK(user.userKeyId == std::string(32, 'a'));
    CHECK(user.apiKey == "api");
    CHECK_FALSE(user.verifyDevices);
    CHECK(user.equivalentDomains == R"([["x.test"]])");
    CHECK(user.excludedGlobals == "[3]");
    CHECK(user.disabled);
    CHECK(user.securityStamp == "stamp-9");
    CHECK(user.emailVerifiedAt == now);
    CHECK(user.revisedAt == now + 11 * 1000);  // The first at `now`, eleven more after it.

    const auto other = users.findById(vault.mallory).value();
    CHECK_FALSE(other.name);
    CHECK(other.revisedAt == kStart);
  });
}

TEST_CASE("an account moves to another address, which may be proved already") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    CHECK(users.setEmail(vault.alice, "a2@example.test", kStart, kStart));
    CHECK(users.findByEmail("a2@example.test")->id == vault.alice);
    CHECK(users.findById(vault.alice)->emailVerifiedAt == kStart);
    CHECK_FALSE(users.findByEmail("alice@example.test"));
    CHECK(users.setEmail(vault.alice, "a3@example.test", std::nullopt, kStart));
    CHECK_FALSE(users.findById(vault.alice)->emailVerifiedAt);
    CHECK_FALSE(users.setEmail(uuid(9), "a4@example.test", std::nullopt, kStart));
  });
}

TEST_CASE("mails that ask to prove an address are counted") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    CHECK(users.findVerificationMails(vault.alice)->count == 0);
    CHECK_FALSE(users.findVerificationMails(vault.alice)->lastAt);
    CHECK(users.countVerificationMail(vault.alice, kStart + 1));
    CHECK(users.countVerificationMail(vault.alice, kStart + 2));
    CHECK(users.findVerificationMails(vault.alice)->count == 2);
    CHECK(users.findVerificationMails(vault.alice)->lastAt == kStart + 2);
    CHECK(users.revisionDate(vault.alice) == kStart);
    CHECK_FALSE(users.findVerificationMails(uuid(9)));
    CHECK_FALSE(users.countVerificationMail(uuid(9), kStart));
  });
}

TEST_CASE("the account next to a point stands in for one that does not exist") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    auto strong = makeUser(uuid(500), "strong@example.test");
    strong.kdf = {1, 6, 32, 4};
    strong.password.iterations = 7;
    users.insert(strong);
    auto invited = makeUser(uuid(300), "invited@example.test");
    invited.password = {};
    users.insert(invited);

    const auto next = users.findStandIn(uuid(200));
    REQUIRE(next);
    CHECK(next->kdf.type == 1);
    CHECK(next->kdf.iterations == 6);
    CHECK(next->kdf.memory == 32);
    CHECK(next->kdf.parallelism == 4);
    CHECK(next->passwordIterations == 7);
    CHECK(users.findStandIn(uuid(500))->passwordIterations == 7);
    CHECK(users.findStandIn(uuid(501))->passwordIterations == 1000);  // The first one again.
    for (const auto& id : {vault.alice, vault.mallory, uuid(500)}) CHECK(users.remove(id));
    CHECK_FALSE(users.findStandIn(uuid(200)));
  });
}

TEST_CASE("a session is checked with one query") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    DeviceStore(tx).recordLogin({vault.alice, "device", 25, "linux", kStart});
    const auto session = users.findSession(vault.alice, "device");
    REQUIRE(session);
    CHECK(session->securityStamp == "stamp-1");
    CHECK(session->email == "alice@example.test");
    CHECK(session->deviceKnown);
    CHECK_FALSE(session->disabled);
    CHECK_FALSE(users.findSession(vault.alice, "other")->deviceKnown);
    CHECK_FALSE(users.findSession(vault.mallory, "device")->deviceKnown);
    CHECK_FALSE(users.findSession(uuid(9), "device"));
  });
}

TEST_CASE("removing a user removes all that is theirs and nothing else") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    UserStore users(tx);
    for (const auto& [owner, number] : {std::pair(vault.alice, 10), std::pair(vault.mallory, 20)}) {
      DeviceStore(tx).recordLogin({owner, "device", 25, "linux", kStart});
      FolderStore(tx).insert({uuid(number), owner, "2.f", kStart, kStart});
      Cipher cipher;
      cipher.id = uuid(number + 1);
      cipher.userId = owner;
      CipherStore(tx).insert(cipher);
      CHECK(CipherStore(tx).setUserState(owner, cipher.id, {uuid(number), true, std::nullopt}));
    }
    InvitationStore invitations(tx);
    invitations.add("alices@example.test", vault.alice, kStart);
    invitations.add("mallorys@example.test", vault.mallory, kStart);
    invitations.add("owners@example.test", std::nullopt, kStart);
    CHECK(users.remove(vault.alice));
    CHECK_FALSE(users.remove(vault.alice));
    CHECK_FALSE(invitations.has("alices@example.test"));
    CHECK(invitations.has("mallorys@example.test"));
    CHECK(invitations.has("owners@example.test"));
    CHECK(DeviceStore(tx).list(vault.alice).empty());
    CHECK(FolderStore(tx).list(vault.alice).empty());
    CHECK(CipherStore(tx).count(vault.alice) == 0);

    const auto left = users.list();
    REQUIRE(left.size() == 1);
    CHECK(left[0].email == "mallory@example.test");
    CHECK(left[0].ciphers == 1);
    CHECK(left[0].devices == 1);
    CHECK(CipherStore(tx).find(vault.mallory, uuid(21))->state.folderId == uuid(20));
  });
}

TEST_CASE("a login is remembered without a new revision") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CHECK(UserStore(tx).recordLogin(vault.alice, kStart + kDay));
    CHECK(UserStore(tx).findById(vault.alice)->lastLoginAt == kStart + kDay);
    CHECK(UserStore(tx).revisionDate(vault.alice) == kStart);
  });
}
