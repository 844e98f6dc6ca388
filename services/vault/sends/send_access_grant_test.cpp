// SPDX-License-Identifier: BSD-2-Clause
//
// The grant with which somebody with a link gets a token: what it asks for, and what it does not
// tell.
#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/random.h"
#include "services/vault/sends/send_harness.h"
#include "services/vault/sends/send_id.h"
#include "storage/database/connection.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

constexpr const char* kAskForCode = "invalid_request email_and_otp_required";

void enableMail(VaultOptions& options) {
  options.mail.sendmail = "/bin/false";
  options.mail.from = "coffer@example.test";
  options.anonymousLimit = {1000, std::chrono::seconds{60}};
  options.loginLimit = {1000, std::chrono::seconds{60}};
}

struct Mailed {
  std::string to;
  std::string code;
};

// The last mail with a code, if any.
std::optional<Mailed> lastMail(TestVault& vault) {
  static constexpr storage::Sql kLast{
      "test.last_mail", "SELECT recipient, plain FROM outbox ORDER BY seq DESC LIMIT 1"};
  return vault.database().read([](storage::Transaction& tx) -> std::optional<Mailed> {
    auto rows = tx.connection().query(kLast);
    if (!rows.next()) return std::nullopt;
    const auto text = rows.string(1);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    for (auto at = text.begin(); at != text.end(); ++at) {
      at = std::find_if(at, text.end(), isDigit);
      const auto end = std::find_if_not(at, text.end(), isDigit);
      if (end - at == 6) return Mailed{rows.string(0), std::string(at, end)};
      if (end == text.end()) break;
      at = end;
    }
    FAIL("no code in: " << text);
    return std::nullopt;
  });
}

std::int64_t mails(TestVault& vault) {
  static constexpr storage::Sql kCount{"test.mails", "SELECT count(*) FROM outbox"};
  return vault.database().read([](storage::Transaction& tx) {
    auto rows = tx.connection().query(kCount);
    return rows.next() ? rows.integer(0) : 0;
  });
}

std::string wrongCode(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

}  // namespace

TEST_CASE("a token is granted in the form of OAuth") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto reply = askForToken(vault, addSend(alice, textSend(vault))["accessId"]);
  CHECK(reply.status == 200);
  const auto granted = reply.json();
  CHECK(granted["expires_in"] == 300);
  CHECK(granted["token_type"] == "Bearer");
  CHECK(granted["scope"] == "api.send.access");
  CHECK(granted.size() == 4);
}

TEST_CASE("each refusal has the words clients know") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault, {{"password", kSendPassword}}));
  const std::string id = send["accessId"];
  CHECK(errorType(askForToken(vault, "")) == "invalid_request send_id_required");
  for (const char* bad : {"x", "ABEiM0RVZneImaq7zN3u_wAA", "00112233445566778899aabbccddeeff"})
    CHECK(errorType(askForToken(vault, bad)) == "invalid_grant send_id_invalid");
  CHECK(errorType(askForToken(vault, id)) == "invalid_request password_hash_b64_required");
  CHECK(errorType(askForToken(vault, id, passwordField(""))) ==
        "invalid_request password_hash_b64_required");
  CHECK(errorType(askForToken(vault, id, passwordField(kOtherSendPassword))) ==
        "invalid_grant password_hash_b64_invalid");
  CHECK(errorType(askForToken(vault, id, passwordField(std::string(2000, 'x')))) ==
        "invalid_grant password_hash_b64_invalid");
  CHECK(errorType(askForToken(vault, id, "&email=a%40example.test&otp=123456")) ==
        "invalid_request password_hash_b64_required");
  CHECK(readText(vault, tokenFor(vault, send, passwordField(kSendPassword))).status == 200);

  const auto refusal = askForToken(vault, id).json();
  CHECK_FALSE(refusal["error_description"].get<std::string>().empty());
  const auto ask = [&](const std::string& client, const std::string& scope) {
    const auto reply =
        vault.postForm("/identity/connect/token", "grant_type=send_access&client_id=" + client +
                                                      "&scope=" + scope + "&send_id=" + id);
    CHECK(reply.status == 400);
    return reply.json()["error"].get<std::string>();
  };
  CHECK(ask("web", "api.send.access") == "invalid_client");
  CHECK(ask("send", "api") == "invalid_scope");
}

TEST_CASE("an id that names no Send is answered as if it did, always the same") {
  TestVault vault(enableMail);
  std::set<std::string> kinds;
  for (int n = 0; n < 40; ++n) {
    const auto id = toBase64Url(randomBytes(16));
    const auto kind = errorType(askForToken(vault, id));
    kinds.insert(kind);
    vault.restart(enableMail);
    CHECK(errorType(askForToken(vault, id)) == kind);
    const auto withPassword = errorType(askForToken(vault, id, passwordField(kSendPassword)));
    const auto withEmail = errorType(askForToken(vault, id, "&email=a%40example.test"));
    const auto withCode = errorType(askForToken(vault, id, "&email=a%40example.test&otp=123456"));
    if (kind == "invalid_request password_hash_b64_required") {
      CHECK(withPassword == "invalid_grant password_hash_b64_invalid");
      CHECK(withEmail == kind);
    } else if (kind == "invalid_request email_required") {
      CHECK(withEmail == kAskForCode);
      CHECK(withCode == kAskForCode);
      CHECK(withPassword == kind);
    } else {
      CHECK(kind == "invalid_grant send_id_invalid");
      CHECK(withPassword == kind);
      CHECK(withCode == kind);
    }
  }
  CHECK(kinds.size() == 3);
  CHECK(mails(vault) == 0);
}

TEST_CASE("a wrong password takes as long for an id that names no Send") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  // Far more work for a login than for a Send.
  vault.restart([](VaultOptions& options) {
    options.passwordIterations = 2'000'000;
    options.anonymousLimit = {1000, std::chrono::seconds{60}};
    options.loginLimit = {1000, std::chrono::seconds{60}};
  });
  const std::string real =
      addSend(alice, textSend(vault, {{"password", kSendPassword}}))["accessId"];
  std::string decoy;
  do {
    decoy = toBase64Url(randomBytes(16));
  } while (errorType(askForToken(vault, decoy)) != "invalid_request password_hash_b64_required");
  const auto quickest = [&](const std::string& id, const std::string& password) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int n = 0; n < 3; ++n) {
      const auto begin = std::chrono::steady_clock::now();
      CHECK(errorType(askForToken(vault, id, passwordField(password))) ==
            "invalid_grant password_hash_b64_invalid");
      best = std::min(best, std::chrono::steady_clock::now() - begin);
    }
    return best;
  };
  const auto usual = quickest(real, kOtherSendPassword);
  CHECK(quickest(decoy, kOtherSendPassword) < 5 * usual);
  CHECK(5 * quickest(decoy, kOtherSendPassword) > usual);
  // What is too long to be one is hashed for neither.
  const std::string tooLong(2000, 'x');
  CHECK(5 * quickest(real, tooLong) < usual);
  CHECK(5 * quickest(decoy, tooLong) < usual);
}

TEST_CASE(
    "a code that is asked for or wrong costs one write, whether there is such a Send or not") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const std::string real = addSend(
      alice, textSend(vault, {{"authType", 0}, {"emails", "guest@example.test"}}))["accessId"];
  std::string decoy;
  do {
    decoy = toBase64Url(randomBytes(16));
  } while (errorType(askForToken(vault, decoy)) != "invalid_request email_required");
  const auto version = [&] {
    static constexpr storage::Sql kVersion{"test.data_version", "PRAGMA data_version"};
    return vault.database().read([](storage::Transaction& tx) {
      auto rows = tx.connection().query(kVersion);
      REQUIRE(rows.next());
      return rows.integer(0);
    });
  };
  const auto writes = [&](const std::string& id, const std::string& fields) {
    const auto before = version();
    CHECK(errorType(askForToken(vault, id, fields)) == kAskForCode);
    return version() != before;
  };
  for (const auto& id : {real, decoy}) {
    CAPTURE((id == real));
    for (const std::string email : {"&email=guest%40example.test", "&email=x%40example.test"}) {
      CHECK(writes(id, email + "&otp=none"));
      CHECK(writes(id, email));
      CHECK(writes(id, email));
      for (int n = 0; n < 5; ++n) CHECK(writes(id, email + "&otp=wrong"));
      CHECK(writes(id, email));
    }
  }
}

TEST_CASE("a token does not let its holder try who else may read the Send") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto proofFor = [&](const char* emails) {
    const auto send = addSend(alice, textSend(vault, {{"authType", 0}, {"emails", emails}}));
    const std::string id = send["accessId"];
    const std::string guest = "&email=guest%40example.test";
    CHECK(errorType(askForToken(vault, id, guest)) == kAskForCode);
    const auto granted = askForToken(vault, id, guest + "&otp=" + lastMail(vault)->code);
    REQUIRE(granted.status == 200);
    const std::string token = granted.json()["access_token"];
    const auto claims = token.substr(token.find('.') + 1);
    return json::parse(fromBase64Url(claims.substr(0, claims.find('.'))).value_or(""))["proof"]
        .get<std::string>();
  };
  const auto proof = proofFor("guest@example.test,b@example.test");
  CHECK(proof != proofFor("guest@example.test,c@example.test"));
  for (const char* text :
       {"0\n\nguest@example.test,b@example.test", "proof:0\n\nguest@example.test,b@example.test"})
    CHECK(proof != toBase64Url(sha256(text)));
}

TEST_CASE("without mail no id is answered as if a code would come") {
  TestVault vault([](VaultOptions& options) {
    options.anonymousLimit = {1000, std::chrono::seconds{60}};
  });
  for (int n = 0; n < 40; ++n)
    CHECK(errorType(askForToken(vault, toBase64Url(randomBytes(16)))) !=
          "invalid_request email_required");
}

TEST_CASE("a listed address gets a code that opens the Send once") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(
      alice, textSend(vault, {{"authType", 0}, {"emails", "Guest@example.test,b@example.test"}}));
  const std::string id = send["accessId"];
  CHECK(readOld(vault, send).status == 404);
  CHECK(errorType(askForToken(vault, id)) == "invalid_request email_required");
  CHECK(errorType(askForToken(vault, id, "&email=nobody")) == "invalid_request email_required");
  const auto before = mails(vault);
  CHECK(errorType(askForToken(vault, id, "&email=GUEST%40example.test")) == kAskForCode);
  CHECK(mails(vault) == before + 1);
  const auto mail = lastMail(vault);
  REQUIRE(mail);
  CHECK(mail->to == "guest@example.test");

  const auto redeem = [&](const std::string& email, const std::string& code) {
    return askForToken(vault, id, "&email=" + email + "&otp=" + code);
  };
  CHECK(errorType(redeem("guest%40example.test", wrongCode(mail->code))) == kAskForCode);
  CHECK(errorType(redeem("b%40example.test", mail->code)) == kAskForCode);
  const auto granted = redeem("Guest%40Example.test", mail->code);
  REQUIRE(granted.status == 200);
  CHECK(readText(vault, granted.json()["access_token"]).status == 200);
  CHECK(errorType(redeem("guest%40example.test", mail->code)) == kAskForCode);
  CHECK(mails(vault) == before + 1);
}

TEST_CASE("an address that is not listed is answered alike, and nothing is mailed") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto send =
      addSend(alice, textSend(vault, {{"authType", 0}, {"emails", "guest@example.test"}}));
  const std::string id = send["accessId"];
  const auto before = mails(vault);
  const auto listed = askForToken(vault, id, "&email=guest%40example.test");
  const auto code = lastMail(vault)->code;
  const auto stranger = askForToken(vault, id, "&email=stranger%40example.test");
  CHECK(listed.status == stranger.status);
  CHECK(listed.body == stranger.body);
  CHECK(mails(vault) == before + 1);
  CHECK(errorType(askForToken(vault, id, "&email=stranger%40example.test&otp=" + code)) ==
        kAskForCode);
  // Taken off the list, the right code is none.
  alice.put(pathOf(send), textSend(vault, {{"authType", 0}, {"emails", "b@example.test"}}));
  CHECK(errorType(askForToken(vault, id, "&email=guest%40example.test&otp=" + code)) ==
        kAskForCode);
}

TEST_CASE("a code ends with its time, with the next one and with too many wrong tries") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto send =
      addSend(alice, textSend(vault, {{"authType", 0}, {"emails", "guest@example.test"}}));
  const std::string id = send["accessId"];
  const std::string guest = "&email=guest%40example.test";
  const auto ask = [&] {
    CHECK(errorType(askForToken(vault, id, guest)) == kAskForCode);
    return lastMail(vault)->code;
  };
  const auto isRight = [&](const std::string& code) {
    return askForToken(vault, id, guest + "&otp=" + code).status == 200;
  };

  auto code = ask();
  vault.clock().advance(5 * kMinute);
  CHECK_FALSE(isRight(code));

  code = ask();
  auto next = ask();
  if (next != code) CHECK_FALSE(isRight(code));
  CHECK(isRight(next));

  code = ask();
  for (int n = 0; n < 3; ++n) CHECK_FALSE(isRight(wrongCode(code)));
  CHECK_FALSE(isRight(code));
  // Another one does not give more tries before the time of the first is over.
  const auto sent = mails(vault);
  CHECK(errorType(askForToken(vault, id, guest)) == kAskForCode);
  CHECK(mails(vault) == sent);
  vault.clock().advance(5 * kMinute);
  CHECK(isRight(ask()));
}

TEST_CASE("codes can neither be asked for nor guessed without end") {
  TestVault vault([](VaultOptions& options) {
    enableMail(options);
    options.loginLimit = {4, std::chrono::seconds{60}};
  });
  const auto alice = vault.signUp("alice@example.test");
  const auto send =
      addSend(alice, textSend(vault, {{"authType", 0}, {"emails", "guest@example.test"}}));
  const std::string id = send["accessId"];
  for (const char* email : {"&email=guest%40example.test", "&email=stranger%40example.test"}) {
    for (int n = 0; n < 4; ++n) CHECK(errorType(askForToken(vault, id, email)) == kAskForCode);
    vault.useClientAddress("192.0.2.9");
    CHECK(askForToken(vault, id, email).status == 429);
    vault.useClientAddress("192.0.2.7");
  }
  for (int n = 0; n < 4; ++n)
    CHECK(errorType(askForToken(vault, id, "&email=c%40example.test&otp=000000")) == kAskForCode);
  CHECK(askForToken(vault, id, "&email=guest%40example.test&otp=000000").status == 429);
}

}  // namespace coffer::vault::testing
