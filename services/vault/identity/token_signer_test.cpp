// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_signer.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "services/vault/identity/access_token.h"
#include "storage/blobs/durable_file.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace coffer;
using namespace coffer::vault;

namespace {

constexpr UnixMicros kNow = 1'770'000'000 * kSecond;

const TokenSigner& signer() {
  static const TokenSigner made(RsaKey::generate());
  return made;
}

std::string tokenFor(std::string_view purpose, UnixMicros issued = kNow,
                     UnixMicros lifetime = kHour) {
  return signer().sign({purpose, "https://vault.example.test", issued, lifetime},
                       R"("sub":"somebody")");
}

std::string payloadOf(const std::string& token) {
  const auto first = token.find('.') + 1;
  return *fromBase64Url(token.substr(first, token.rfind('.') - first));
}

// A folder of its own, removed at the end.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "coffer-key-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST_CASE("a signed token is verified and its claims are read") {
  const auto token = tokenFor("login");
  const auto claims = signer().verify(token, "login", kNow);
  REQUIRE(claims);
  CHECK(claims->object().string("sub") == "somebody");
  CHECK(claims->object().string("iss") == "https://vault.example.test|login");
  CHECK(claims->object().integer("nbf") == 1'770'000'000);
  CHECK(claims->object().integer("exp") == 1'770'003'600);
  CHECK(token.starts_with("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."));
}

TEST_CASE("a token is good from nbf to exp, thirty seconds of tolerance on both sides") {
  const auto token = tokenFor("login");
  struct Row {
    UnixMicros at;
    bool good;
  };
  for (const Row& row : {Row{kNow - 31 * kSecond, false}, Row{kNow - 30 * kSecond, true},
                         Row{kNow + kHour, true}, Row{kNow + kHour + 29 * kSecond, true},
                         Row{kNow + kHour + 30 * kSecond, false}, Row{kNow + kDay, false}}) {
    CAPTURE(row.at);
    CHECK(signer().verify(token, "login", row.at).has_value() == row.good);
  }
}

TEST_CASE("a token for one purpose is none for another") {
  CHECK_FALSE(signer().verify(tokenFor("register_verify"), "login", kNow));
  CHECK_FALSE(signer().verify(tokenFor("login"), "register_verify", kNow));
  CHECK_FALSE(signer().verify(tokenFor("notlogin"), "login", kNow));
  CHECK_FALSE(signer().verify(tokenFor("|"), "login", kNow));
}

TEST_CASE("text that we did not sign is refused") {
  const auto token = tokenFor("login");
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  const auto header = token.substr(0, first);
  const auto payload = token.substr(first, last - first);
  const auto signature = token.substr(last);
  const auto other = TokenSigner(RsaKey::generate())
                         .sign({"login", "https://vault.example.test", kNow, kHour}, "");
  // The classic confusions: no algorithm, and the public key taken for a shared secret.
  const auto none = toBase64Url(R"({"alg":"none","typ":"JWT"})");
  const auto hmac = toBase64Url(R"({"alg":"HS256","typ":"JWT"})");
  const auto lower = toBase64Url(R"({"alg":"rs256"})");
  const auto twice = toBase64Url(R"({"alg":"none","ALG":"RS256"})");
  const auto changed = toBase64Url(payloadOf(token).replace(2, 3, "abc"));
  for (const std::string& text : {
           std::string(),
           std::string("."),
           std::string(".."),
           std::string("..."),
           std::string("a.b.c"),
           header,
           header + payload,
           header + payload + ".",
           none + payload + ".",
           none + payload + signature,
           lower + payload + signature,
           twice + payload + signature,
           hmac + payload + "." + toBase64Url(hmacSha256("public key", hmac + payload)),
           header + "." + changed + signature,
           payload.substr(1) + "." + header + signature,
           token + "A",
           token + ".",
           " " + token,
           token.substr(0, token.size() - 1),
           header + payload + "==" + signature,
           other,
           std::string(20'000, 'A') + "." + token,
       }) {
    CAPTURE(text.substr(0, 200));
    CHECK_FALSE(signer().verify(text, "login", kNow));
  }
}

TEST_CASE("every character of a signature counts") {
  const auto token = tokenFor("login");
  for (std::size_t i = token.rfind('.') + 1; i + 1 < token.size(); i += 7) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(signer().verify(changed, "login", kNow));
  }
}

TEST_CASE("an access token carries what clients and the guard read") {
  AccessToken token;
  token.userId = "0f01a66f-7802-42bc-9647-a82600f11e10";
  token.email = "user@example.test";
  token.name = "Jane \"J\"";
  token.securityStamp = "stamp";
  token.deviceIdentifier = "device";
  token.deviceType = 25;
  token.clientId = "cli";
  token.scope = {"api", "offline_access"};
  const auto text = signAccessToken(signer(), token, "https://vault.example.test", kNow);
  CHECK(payloadOf(text) ==
        R"({"nbf":1770000000,"exp":1770007200,"iss":"https://vault.example.test|login",)"
        R"("sub":"0f01a66f-7802-42bc-9647-a82600f11e10","premium":true,"name":"Jane \"J\"",)"
        R"("email":"user@example.test","email_verified":true,"sstamp":"stamp","device":"device",)"
        R"("devicetype":"Linux CLI","client_id":"cli","scope":["api","offline_access"],)"
        R"("amr":["Application"]})");

  const auto claims = readAccessToken(signer(), text, kNow);
  REQUIRE(claims);
  CHECK(claims->userId == token.userId);
  CHECK(claims->deviceIdentifier == "device");
  CHECK(claims->securityStamp == "stamp");
  CHECK_FALSE(readAccessToken(signer(), text, kNow + 3 * kHour));
}

TEST_CASE("the signing key is made once, for its owner's eyes only, and kept") {
  Folder folder;
  const auto inside = folder.path + "/vault";
  const auto token = openTokenSigner(inside).sign({"login", "https://a.test", kNow, kHour}, "");

  struct stat status {};
  REQUIRE(stat((inside + "/rsa_key.pem").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(openTokenSigner(inside).verify(token, "login", kNow));
}

TEST_CASE("a signing key that cannot be used stops the start, and is not replaced") {
  Folder folder;
  const auto file = folder.path + "/rsa_key.pem";
  for (const std::string text : {"", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n"}) {
    storage::replaceFileDurably(file, text, 0600);
    CHECK_THROWS_AS(openTokenSigner(folder.path), UsageError);
    CHECK(storage::readSmallFile(file, 1000) == text);
  }
}
