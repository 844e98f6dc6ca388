// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/codes/one_time_codes.h"

#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <set>

using namespace coffer;
using namespace coffer::vault;
using coffer::vault::testing::TestVault;

namespace {

constexpr auto kPurpose = CodePurpose::ProtectedAction;

// Codes of one account; each call is a transaction of its own.
struct Scene {
  template <typename F>
  auto use(F&& work) {
    return vault.database().write([&](storage::Transaction& tx) {
      OneTimeCodes codes(tx, options, vault.clock().now());
      return work(codes);
    });
  }
  std::string issue(std::string_view data = {}, CodePurpose purpose = kPurpose) {
    return use([&](OneTimeCodes& codes) { return codes.issue(user, purpose, data); });
  }
  CodeCheck check(std::string_view code, CodePurpose purpose = kPurpose) {
    return use([&](OneTimeCodes& codes) { return codes.check(user, purpose, code); });
  }
  // Not the code.
  static std::string wrong(std::string code) {
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
  }

  TestVault vault;
  CodeOptions options;
  std::string user = vault.signUp("alice@example.test").userId;
};

}  // namespace

TEST_CASE("the right code is right once, for its account and purpose") {
  Scene scene;
  const std::string code = scene.issue();
  CHECK(code.size() == 6);
  CHECK(code.find_first_not_of("0123456789") == std::string::npos);
  CHECK(scene.check(code, CodePurpose::NewDevice) == CodeCheck::None);
  const auto other = scene.vault.signUp("bob@example.test").userId;
  CHECK(scene.use([&](OneTimeCodes& codes) { return codes.check(other, kPurpose, code); }) ==
        CodeCheck::None);
  CHECK(scene.check(code) == CodeCheck::Right);
  CHECK(scene.check(code) == CodeCheck::None);
}

TEST_CASE("a code that is checked and kept can be used once more") {
  Scene scene;
  const std::string code = scene.issue();
  const auto keep = [&](const std::string& text) {
    return scene.use(
        [&](OneTimeCodes& codes) { return codes.checkAndKeep(scene.user, kPurpose, text); });
  };
  CHECK(keep(code) == CodeCheck::Right);
  CHECK(keep(Scene::wrong(code)) == CodeCheck::Wrong);
  CHECK(scene.check(code) == CodeCheck::Right);
  CHECK(keep(code) == CodeCheck::None);
}

TEST_CASE("a code is over when its time is") {
  Scene scene;
  const std::string code = scene.issue("somewhere");
  scene.vault.clock().advance(600 * kSecond - 1);
  CHECK(scene.use([&](OneTimeCodes& codes) { return codes.data(scene.user, kPurpose); }) ==
        "somewhere");
  scene.vault.clock().advance(1);
  CHECK(scene.check(code) == CodeCheck::None);
  CHECK_FALSE(
      scene.use([&](OneTimeCodes& codes) { return codes.data(scene.user, kPurpose).has_value(); }));
  CHECK_FALSE(scene.use(
      [&](OneTimeCodes& codes) { return codes.sentAt(scene.user, kPurpose).has_value(); }));
}

TEST_CASE("too many wrong tries use a code up, and it is still known when it was sent") {
  Scene scene;
  const auto sentAt = scene.vault.clock().now();
  const std::string code = scene.issue("somewhere");
  scene.vault.clock().advance(kSecond);
  for (const char* text : {"", "x"}) CHECK(scene.check(text) == CodeCheck::Wrong);
  CHECK(scene.check(Scene::wrong(code)) == CodeCheck::Wrong);
  CHECK(scene.check(code) == CodeCheck::None);
  CHECK(scene.use([&](OneTimeCodes& codes) { return codes.sentAt(scene.user, kPurpose); }) ==
        sentAt);
  CHECK_FALSE(
      scene.use([&](OneTimeCodes& codes) { return codes.data(scene.user, kPurpose).has_value(); }));
  CHECK(scene.check(scene.issue()) == CodeCheck::Right);
}

TEST_CASE("a new code replaces the old one and does not forgive its wrong tries") {
  Scene scene;
  const std::string first = scene.issue("one");
  CHECK(scene.check("x") == CodeCheck::Wrong);
  CHECK(scene.check("y") == CodeCheck::Wrong);
  std::string second = scene.issue("two");
  while (second == first) second = scene.issue("two");
  CHECK(scene.check(first) == CodeCheck::Wrong);  // The third.
  CHECK(scene.check(second) == CodeCheck::None);
}

TEST_CASE("wrong tries are forgiven when the code they were made at is over") {
  Scene scene;
  scene.issue();
  CHECK(scene.check("x") == CodeCheck::Wrong);
  CHECK(scene.check("y") == CodeCheck::Wrong);
  scene.vault.clock().advance(600 * kSecond);
  const std::string code = scene.issue();
  CHECK(scene.check("z") == CodeCheck::Wrong);
  CHECK(scene.check(code) == CodeCheck::Right);
}

TEST_CASE("codes have as many digits as the owner wants, and differ") {
  Scene scene;
  scene.options.digits = 9;
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) seen.insert(scene.issue());
  CHECK(seen.size() == 20);
  CHECK(seen.begin()->size() == 9);
}

TEST_CASE("a discarded code is gone") {
  Scene scene;
  const std::string code = scene.issue();
  scene.use([&](OneTimeCodes& codes) { codes.discard(scene.user, kPurpose); });
  CHECK(scene.check(code) == CodeCheck::None);
}
