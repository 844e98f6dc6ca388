// SPDX-License-Identifier: BSD-2-Clause
//
// Emergency access (vault-extras 3): from the invitation to the takeover, and every step by those
// who may not take it.
#include "services/vault/emergency_access/emergency_jobs.h"
#include "services/vault/testing/outbox.h"
#include "services/vault/testing/test_items.h"
#include "services/vault/testing/test_vault.h"
#include "storage/stores/emergency_access_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace coffer::vault {
namespace {

using nlohmann::json;
using testing::sealedText;
using testing::TestClient;
using testing::TestVault;

constexpr int kView = 0;
constexpr int kTakeover = 1;

struct Trust {
  explicit Trust(const std::function<void(VaultOptions&)>& change = {}) : vault(change) {}

  TestVault vault;
  TestClient grantor = vault.signUp("grantor@example.test");
  TestClient grantee = vault.signUp("grantee@example.test");

  std::string invite(int type, int days = 7) {
    const auto reply =
        grantor.post("/api/emergency-access/invite",
                     {{"email", grantee.email}, {"type", type}, {"waitTimeDays", days}});
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
    return grantor.get("/api/emergency-access/trusted").json().at("data").at(0).at("id");
  }
  int post(const TestClient& who, const std::string& id, const std::string& step,
           const json& body = json::object()) {
    return who.post("/api/emergency-access/" + id + "/" + step, body).status;
  }
  std::string confirmed(int type, int days = 7) {
    const auto id = invite(type, days);
    REQUIRE(post(grantor, id, "confirm", {{"key", sealedText(9)}}) == 200);
    return id;
  }
  std::string approved(int type) {
    const auto id = confirmed(type);
    REQUIRE(post(grantee, id, "initiate") == 200);
    REQUIRE(post(grantor, id, "approve") == 200);
    return id;
  }
  int statusOf(const std::string& id) {
    return grantor.get("/api/emergency-access/" + id).json().at("status");
  }
};

}  // namespace

TEST_CASE("without mail somebody with an account is a contact at once") {
  Trust trust;
  const auto id = trust.invite(kView);
  CHECK(trust.statusOf(id) == 1);
  const auto mine = trust.grantor.get("/api/emergency-access/trusted").json().at("data").at(0);
  CHECK(mine["granteeId"] == trust.grantee.userId);
  CHECK(mine["email"] == trust.grantee.email);
  CHECK(mine["object"] == "emergencyAccessGranteeDetails");
  const auto theirs = trust.grantee.get("/api/emergency-access/granted").json().at("data").at(0);
  CHECK(theirs["grantorId"] == trust.grantor.userId);
  CHECK(theirs["object"] == "emergencyAccessGrantorDetails");
}

TEST_CASE("a viewer who was approved sees the personal items, and nobody else does") {
  Trust trust;
  const auto item = testing::addItem(trust.grantor);
  const auto id = trust.confirmed(kView);
  CHECK(trust.post(trust.grantee, id, "view") == 400);  // Not asked for yet.
  REQUIRE(trust.post(trust.grantee, id, "initiate") == 200);
  CHECK(trust.post(trust.grantee, id, "view") == 400);     // Not granted yet.
  CHECK(trust.post(trust.grantee, id, "approve") == 404);  // Not theirs to say.
  REQUIRE(trust.post(trust.grantor, id, "approve") == 200);

  const auto view = trust.grantee.post("/api/emergency-access/" + id + "/view");
  REQUIRE(view.status == 200);
  CHECK(view.json()["keyEncrypted"] == sealedText(9));
  REQUIRE(view.json()["ciphers"].size() == 1);
  CHECK(view.json()["ciphers"][0]["id"] == item);
  CHECK(trust.post(trust.grantee, id, "takeover") == 400);
  CHECK(trust.post(trust.grantee, id, "password",
                   {{"newMasterPasswordHash", "x"}, {"key", sealedText()}}) == 400);
  CHECK(trust.post(trust.grantor, id, "view") == 404);

  REQUIRE(trust.post(trust.grantor, id, "reject") == 200);
  CHECK(trust.post(trust.grantee, id, "view") == 400);
  CHECK(trust.statusOf(id) == 2);
}

TEST_CASE("a taken over account has the new password, no second factor and no old session") {
  Trust trust;
  const auto id = trust.approved(kTakeover);
  const auto start = trust.grantee.post("/api/emergency-access/" + id + "/takeover").json();
  CHECK(start["kdf"] == 0);
  CHECK(start["salt"] == trust.grantor.email);
  CHECK(start["keyEncrypted"] == sealedText(9));
  (void)trust.vault.takeUpdates();

  REQUIRE(trust.post(trust.grantee, id, "password",
                     {{"newMasterPasswordHash", "new hash"}, {"key", sealedText(3)}}) == 200);
  const auto updates = trust.vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::LogOut);
  CHECK(updates[0].userId == trust.grantor.userId);
  CHECK(trust.grantor.get("/api/sync").status == 401);
  CHECK(trust.vault
            .postForm("/identity/connect/token",
                      TestVault::passwordForm(trust.grantor.email, trust.grantor.passwordHash, "d"))
            .status == 400);
  const auto back = trust.vault.logIn(trust.grantor.email, "new hash", "d");
  CHECK(back.get("/api/sync").json()["profile"]["key"] == sealedText(3));
  CHECK(back.get("/api/accounts/profile").json()["verifyDevices"] == false);
}

TEST_CASE("a stranger finds no entry, whatever they ask of it") {
  Trust trust;
  const auto id = trust.approved(kTakeover);
  const auto stranger = trust.vault.signUp("stranger@example.test");
  for (const std::string step : {"confirm", "initiate", "approve", "reject", "view", "takeover",
                                 "password", "reinvite", "delete"}) {
    CAPTURE(step);
    CHECK(trust.post(stranger, id, step, {{"key", sealedText()}, {"newMasterPasswordHash", "x"}}) ==
          404);
  }
  CHECK(stranger.get("/api/emergency-access/" + id).status == 404);
  CHECK(stranger.get("/api/emergency-access/" + id + "/policies").status == 404);
  CHECK(stranger.put("/api/emergency-access/" + id, {{"type", 0}, {"waitTimeDays", 1}}).status ==
        404);
  CHECK(stranger.remove("/api/emergency-access/" + id).status == 404);
  CHECK(trust.statusOf(id) == 4);
}

TEST_CASE("either side ends it") {
  for (const bool byGrantor : {true, false}) {
    Trust trust;
    const auto id = trust.confirmed(kView);
    const auto& who = byGrantor ? trust.grantor : trust.grantee;
    CHECK(who.remove("/api/emergency-access/" + id).status == 200);
    CHECK(trust.grantor.get("/api/emergency-access/trusted").json().at("data").empty());
    CHECK(trust.post(trust.grantee, id, "initiate") == 404);
  }
}

TEST_CASE("the waiting time is kept to, and then access is granted, once") {
  Trust trust(&testing::useMail);
  const auto& context = trust.vault.service().context();
  // With mail the invitation is accepted by its link.
  REQUIRE(trust.grantor
              .post("/api/emergency-access/invite",
                    {{"email", trust.grantee.email}, {"type", "Takeover"}, {"waitTimeDays", 3}})
              .status == 200);
  const std::string id = trust.grantor.get("/api/emergency-access/trusted").json()["data"][0]["id"];
  CHECK(trust.statusOf(id) == 0);
  auto mails = testing::takeMails(trust.vault);
  const auto invitation = std::find_if(mails.begin(), mails.end(), [](const auto& mail) {
    return mail.kind == "send_emergency_access_invite";
  });
  REQUIRE(invitation != mails.end());
  const auto begin = invitation->plain.find("token=") + std::string("token=").size();
  const std::string shown =
      invitation->plain.substr(begin, invitation->plain.find_first_of("&\n", begin) - begin);
  const auto stranger = trust.vault.signUp("stranger@example.test");
  CHECK(trust.post(stranger, id, "accept", {{"token", shown}}) == 400);
  CHECK(trust.post(trust.grantee, id, "accept", {{"token", shown + "x"}}) == 400);
  CHECK(trust.post(trust.grantee, id, "accept", {{"token", shown}}) == 200);
  CHECK(trust.post(trust.grantee, id, "accept", {{"token", shown}}) != 200);
  REQUIRE(trust.post(trust.grantor, id, "confirm", {{"key", sealedText(9)}}) == 200);
  REQUIRE(trust.post(trust.grantee, id, "initiate") == 200);

  CHECK(remindGrantors(context) == 0);
  trust.vault.clock().advance(2 * kDay + kSecond);
  (void)testing::takeMails(trust.vault);
  CHECK(remindGrantors(context) == 1);
  CHECK(remindGrantors(context) == 0);
  CHECK(grantTimedOutRequests(context) == 0);
  trust.vault.clock().advance(kDay);
  CHECK(grantTimedOutRequests(context) == 1);
  CHECK(grantTimedOutRequests(context) == 0);
  std::map<std::string, int> kinds;
  for (const auto& mail : testing::takeMails(trust.vault)) ++kinds[mail.kind];
  CHECK(kinds["emergency_access_recovery_reminder"] == 1);
  CHECK(kinds["emergency_access_recovery_timed_out"] == 1);
  CHECK(kinds["emergency_access_recovery_approved"] == 1);
}

TEST_CASE("what is no invitation is refused") {
  Trust trust;
  const auto invite = [&](const json& body) {
    return trust.grantor.post("/api/emergency-access/invite", body).status;
  };
  CHECK(invite({{"email", trust.grantor.email}, {"type", 0}, {"waitTimeDays", 1}}) == 400);
  CHECK(invite({{"email", "nobody"}, {"type", 0}, {"waitTimeDays", 1}}) == 400);
  CHECK(invite({{"email", "a@b.test"}, {"type", 2}, {"waitTimeDays", 1}}) == 400);
  CHECK(invite({{"email", "a@b.test"}, {"type", 0}, {"waitTimeDays", 0}}) == 400);
  CHECK(invite({{"email", "a@b.test"}, {"type", 0}, {"waitTimeDays", 32768}}) == 400);
  CHECK(invite({{"email", "a@b.test"}, {"type", 0}, {"waitTimeDays", 1}}) == 200);
  CHECK(invite({{"email", "A@b.test"}, {"type", 1}, {"waitTimeDays", 2}}) == 400);
}

namespace {

struct MailedInvitation {
  std::string id;
  std::string token;
};

MailedInvitation inviteByMail(Trust& trust, const std::string& email) {
  REQUIRE(trust.grantor
              .post("/api/emergency-access/invite",
                    {{"email", email}, {"type", 0}, {"waitTimeDays", 1}})
              .status == 200);
  MailedInvitation found;
  found.id = trust.grantor.get("/api/emergency-access/trusted").json()["data"][0]["id"];
  for (const auto& mail : testing::takeMails(trust.vault)) {
    if (mail.recipient != email) continue;
    const auto begin = mail.plain.find("token=") + std::string("token=").size();
    found.token = mail.plain.substr(begin, mail.plain.find_first_of("&\n", begin) - begin);
  }
  REQUIRE_FALSE(found.token.empty());
  return found;
}

int finishRegistration(TestVault& vault, const std::string& email, const MailedInvitation& shown) {
  const json body{
      {"email", email},
      {"acceptEmergencyAccessInviteToken", shown.token},
      {"acceptEmergencyAccessId", shown.id},
      {"masterPasswordHash", "h"},
      {"kdf", 0},
      {"kdfIterations", 600'000},
      {"userSymmetricKey", sealedText(1)},
      {"userAsymmetricKeys",
       {{"publicKey", testing::publicKeyText()}, {"encryptedPrivateKey", sealedText(2)}}}};
  return vault.postJson("/identity/accounts/register/finish", body).status;
}

}  // namespace

TEST_CASE("a mailed invitation lets its address in, as long as it stands") {
  Trust trust(&testing::useMail);
  const std::string email = "late@example.test";
  const auto invitation = inviteByMail(trust, email);
  const auto restart = [&](SignupPolicy policy, bool emergencyAccess = true) {
    trust.vault.restart([&](VaultOptions& options) {
      testing::useMail(options);
      options.signups = policy;
      options.emergencyAccess = emergencyAccess;
    });
  };
  restart(SignupPolicy::Closed);
  CHECK(finishRegistration(trust.vault, email, invitation) == 400);
  restart(SignupPolicy::First, false);
  CHECK(finishRegistration(trust.vault, email, invitation) == 400);
  restart(SignupPolicy::First);
  CHECK(finishRegistration(trust.vault, "other@example.test", invitation) == 400);
  SUBCASE("and not when it was taken back") {
    REQUIRE(trust.grantor.remove("/api/emergency-access/" + invitation.id).status == 200);
    CHECK(finishRegistration(trust.vault, email, invitation) == 400);
  }
  SUBCASE("once") {
    CHECK(finishRegistration(trust.vault, email, invitation) == 200);
    CHECK(finishRegistration(trust.vault, email, invitation) == 400);
  }
}

TEST_CASE("invitations are mailed only so often") {
  Trust trust([](VaultOptions& options) {
    testing::useMail(options);
    options.anonymousLimit.burst = 5;
  });
  const auto id = inviteByMail(trust, "late@example.test").id;  // Two went to the sign-ups.
  CHECK(trust.post(trust.grantor, id, "reinvite") == 200);
  CHECK(trust.post(trust.grantor, id, "reinvite") == 200);
  CHECK(trust.post(trust.grantor, id, "reinvite") == 429);
  CHECK(testing::takeMails(trust.vault).size() == 2);
}

TEST_CASE("the waiting time that began anew is not over") {
  Trust trust;
  const auto id = trust.confirmed(kView, 2);
  REQUIRE(trust.post(trust.grantee, id, "initiate") == 200);
  const auto waitTwoDays = [&] {
    trust.vault.clock().advance(2 * kDay);
    trust.grantor = trust.vault.signUp(trust.grantor.email);
    trust.grantee = trust.vault.signUp(trust.grantee.email);
  };
  waitTwoDays();
  const auto approve = [&] {
    return trust.vault.database().write([&](storage::Transaction& tx) {
      return storage::EmergencyAccessStore(tx).approveTimedOut(id, trust.vault.clock().now());
    });
  };
  // As when the grantor refuses while the job is at work, and is asked again.
  REQUIRE(trust.post(trust.grantor, id, "reject") == 200);
  CHECK_FALSE(approve());
  REQUIRE(trust.post(trust.grantee, id, "initiate") == 200);
  CHECK_FALSE(approve());
  waitTwoDays();
  CHECK(approve());
  CHECK(trust.statusOf(id) == 4);
}

TEST_CASE("a contact keeps the key pair that the other's key is sealed for") {
  Trust trust;
  const auto replace = [&](const TestClient& who) {
    return who
        .post("/api/accounts/key-management/regenerate-keys",
              {{"userPublicKey", testing::publicKeyText()},
               {"userKeyEncryptedUserPrivateKey", sealedText(5)}})
        .status;
  };
  const auto id = trust.invite(kView);
  CHECK(replace(trust.grantee) == 200);  // Nothing is sealed yet.
  REQUIRE(trust.post(trust.grantor, id, "confirm", {{"key", sealedText(9)}}) == 200);
  CHECK(replace(trust.grantee) == 400);
  CHECK(replace(trust.grantor) == 200);
  REQUIRE(trust.grantor.remove("/api/emergency-access/" + id).status == 200);
  CHECK(replace(trust.grantee) == 200);
}

TEST_CASE("switched off, there are only those for whom the user key is sealed") {
  Trust trust;
  const auto id = trust.confirmed(kView);
  trust.vault.restart([](VaultOptions& options) { options.emergencyAccess = false; });
  CHECK(trust.grantor.get("/api/emergency-access/trusted").json().at("data").at(0).at("id") == id);
  CHECK(trust.grantee.get("/api/emergency-access/granted").json().at("data").empty());
  CHECK(trust.post(trust.grantee, id, "initiate") == 400);
  CHECK(trust.grantor
            .post("/api/emergency-access/invite",
                  {{"email", "a@b.test"}, {"type", 0}, {"waitTimeDays", 1}})
            .status == 400);
}

TEST_CASE("somebody invited without mail may make an account where invited people may") {
  Trust trust;
  REQUIRE(trust.grantor
              .post("/api/emergency-access/invite",
                    {{"email", "late@example.test"}, {"type", 0}, {"waitTimeDays", 1}})
              .status == 200);
  const auto signUp = [&](const std::string& email) {
    return trust.vault
        .postJson("/identity/accounts/register", TestVault::registrationBody(email, "h"))
        .status;
  };
  trust.vault.restart([](VaultOptions& options) { options.signups = SignupPolicy::Closed; });
  CHECK(signUp("late@example.test") == 400);
  SUBCASE("invited") {
    trust.vault.restart([](VaultOptions& options) { options.signups = SignupPolicy::Invited; });
  }
  SUBCASE("first") {
    trust.vault.restart([](VaultOptions& options) { options.signups = SignupPolicy::First; });
  }
  CHECK(signUp("other@example.test") == 400);
  CHECK(signUp("late@example.test") == 200);
  const auto entry = trust.grantor.get("/api/emergency-access/trusted").json()["data"][0];
  CHECK(entry["status"] == 1);
}

TEST_CASE("an invitation that was taken back opens no sign-up") {
  Trust trust;
  REQUIRE(trust.grantor
              .post("/api/emergency-access/invite",
                    {{"email", "late@example.test"}, {"type", 0}, {"waitTimeDays", 1}})
              .status == 200);
  const std::string id = trust.grantor.get("/api/emergency-access/trusted").json()["data"][0]["id"];
  REQUIRE(trust.grantor.remove("/api/emergency-access/" + id).status == 200);
  trust.vault.restart([](VaultOptions& options) { options.signups = SignupPolicy::First; });
  CHECK(trust.vault
            .postJson("/identity/accounts/register",
                      TestVault::registrationBody("late@example.test", "h"))
            .status == 400);
}

}  // namespace coffer::vault
