// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/provisioning/provisioning.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/crypto/rsa_key.h"
#include "services/vault/crypto/sealing.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

constexpr KdfSettings kQuickArgon2{KdfType::Argon2id, 2, 16, 1};

NewAccount account(const std::string& email, const std::string& password,
                   const KdfSettings& kdf = kQuickArgon2) {
  return {email, "Jane", Secret(password), kdf};
}

// As a client finds its keys: from the password and what the server sends, nothing else.
std::optional<std::string> unwrapUserKey(const std::string& email, const std::string& password,
                                         const KdfSettings& kdf, const std::string& sealedKey) {
  const auto masterKey = deriveMasterKey(password, email, kdf);
  return unseal(sealedKey, stretchMasterKey(masterKey));
}

}  // namespace

TEST_CASE(
    "an account from the command line opens with its password, and holds a working key pair") {
  for (const KdfSettings& kdf : {kDefaultPbkdf2, kQuickArgon2}) {
    const auto made = makeRegistration(account(" Jane@Example.test ", "correct horse", kdf));
    CHECK(made.email == "jane@example.test");
    const auto userKey =
        unwrapUserKey("jane@example.test", "correct horse", kdf, made.credentials.userKey);
    REQUIRE(userKey);
    CHECK(userKey->size() == 64);
    CHECK_FALSE(unwrapUserKey("jane@example.test", "Correct horse", kdf, made.credentials.userKey));

    const auto der = unseal(*made.keys->privateKey, *userKey);
    REQUIRE(der);
    const auto pair = RsaKey::fromPem("-----BEGIN PRIVATE KEY-----\n" + toBase64(*der) +
                                      "\n-----END PRIVATE KEY-----\n");
    CHECK(toBase64(pair.publicKeyDer()) == made.keys->publicKey);
    CHECK(pair.verify("message", pair.sign("message")));
  }
}

TEST_CASE("an account from the command line logs in like any other") {
  TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::Closed; });
  addAccount(vault.database(), vault.clock(), 10, account("jane@example.test", "correct horse"));

  const auto kdf =
      vault.postJson("/identity/accounts/prelogin/password", {{"email", "jane@example.test"}})
          .json()["kdfSettings"];
  CHECK(kdf ==
        nlohmann::json{{"kdfType", 1}, {"iterations", 2}, {"memory", 16}, {"parallelism", 1}});
  const auto masterKey = deriveMasterKey("correct horse", "jane@example.test", kQuickArgon2);
  const auto client =
      vault.logIn("jane@example.test", masterPasswordHash(masterKey, "correct horse"), "device");
  const auto sync = client.get("/api/sync").json();
  CHECK(sync["profile"]["name"] == "Jane");
  const auto userKey =
      unseal(sync["profile"]["key"].get<std::string>(), stretchMasterKey(masterKey));
  REQUIRE(userKey);
  CHECK(unseal(sync["profile"]["privateKey"].get<std::string>(), *userKey));
}

TEST_CASE("what cannot be an account is refused before anything is derived") {
  for (const char* email :
       {"", "jane", "@example.test", "jane@", "a b@example.test", "a@b@c", "a\n@example.test"}) {
    CAPTURE(email);
    CHECK_THROWS_AS(makeRegistration(account(email, "password")), UsageError);
  }
  CHECK_THROWS_AS(makeRegistration(account("a@b.test", "")), UsageError);
  for (const std::string& name : {std::string(51, 'n'), std::string("J\xFFne")}) {
    auto named = account("a@b.test", "x");
    named.name = name;
    CHECK_THROWS_AS(makeRegistration(named), UsageError);
  }
  CHECK_THROWS_AS(makeRegistration(account("a@b.test", "x", {KdfType::Pbkdf2, 5'000, {}, {}})),
                  UsageError);
  CHECK_THROWS_AS(makeRegistration(account("a@b.test", "x", {KdfType::Argon2id, 1, 16, 1})),
                  UsageError);
}

TEST_CASE("whom the owner of the box has invited makes the account, and nobody else") {
  TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::Invited; });
  auto& database = vault.database();
  const auto signUp = [&](const std::string& email) {
    return vault.postJson("/api/accounts/register", TestVault::registrationBody(email, "hash"))
        .status;
  };
  inviteAddress(database, vault.clock(), " Guest@example.test");
  inviteAddress(database, vault.clock(), "guest@example.test");
  CHECK(signUp("stranger@example.test") == 400);
  CHECK(signUp("guest@example.test") == 200);
  CHECK_THROWS_AS(inviteAddress(database, vault.clock(), "guest@example.test"), UsageError);
  CHECK_THROWS_AS(inviteAddress(database, vault.clock(), "no address"), UsageError);

  inviteAddress(database, vault.clock(), "late@example.test");
  withdrawInvitation(database, "LATE@example.test");
  CHECK(signUp("late@example.test") == 400);
  CHECK_THROWS_AS(withdrawInvitation(database, "late@example.test"), UsageError);
}

TEST_CASE("clients offer to make an account as long as somebody is invited") {
  TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::First; });
  const auto isHidden = [&] {
    return vault.call(http::Method::Get, "/api/config")
        .json()["settings"]["disableUserRegistration"];
  };
  vault.signUp("alice@example.test");
  CHECK(isHidden() == true);
  inviteAddress(vault.database(), vault.clock(), "guest@example.test");
  CHECK(isHidden() == false);
  vault.signUp("guest@example.test");
  CHECK(isHidden() == true);
}

TEST_CASE("accounts are listed, disabled, enabled and deleted by their address") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  auto& database = vault.database();
  CHECK_THROWS_AS(addAccount(database, vault.clock(), 10, account("Bob@example.test", "x")),
                  UsageError);

  auto list = listAccounts(database);
  REQUIRE(list.size() == 2);
  CHECK(list[0].email == "alice@example.test");
  CHECK(list[0].devices == 1);
  CHECK(list[0].lastLoginAt);

  disableAccount(database, vault.clock(), "ALICE@example.test");
  CHECK(alice.get("/api/accounts/profile").status == 401);
  CHECK(bob.get("/api/accounts/profile").status == 200);
  CHECK(listAccounts(database)[0].disabled);
  enableAccount(database, vault.clock(), "alice@example.test");
  CHECK(alice.get("/api/accounts/profile").status == 401);  // Its sessions are gone for good.
  const auto again = vault.logIn(alice.email, alice.passwordHash, alice.device);
  CHECK(again.get("/api/accounts/profile").status == 200);

  deleteAccountForever(database, "alice@example.test");
  CHECK(again.get("/api/accounts/profile").status == 401);
  CHECK(listAccounts(database).size() == 1);
  CHECK_THROWS_AS(deleteAccountForever(database, "alice@example.test"), UsageError);
  CHECK_THROWS_AS(disableAccount(database, vault.clock(), "nobody@example.test"), UsageError);
  CHECK_THROWS_AS(enableAccount(database, vault.clock(), "nobody@example.test"), UsageError);
}
