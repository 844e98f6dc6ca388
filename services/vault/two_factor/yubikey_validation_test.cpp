// SPDX-License-Identifier: BSD-2-Clause
//
// What a validation server is asked, and which of its answers count.
#include "services/vault/two_factor/yubikey_validation.h"

#include "appliance/base/bytes.h"
#include "services/vault/testing/fake_outbound.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

constexpr const char* kSecret = "AAECAwQFBgcICQoLDA0ODxAREhM=";
constexpr const char* kOtp = "cccccccfhcbelrhifnjrrddcgrburluurftrgfdrdifj";

std::string key() { return *fromBase64(kSecret); }
ValidationQuery query() { return {"1", kOtp, "0123456789abcdef0123"}; }

ValidationFields rightFields() {
  return {{"t", "2026-11-20T12:00:00Z0123"},
          {"otp", kOtp},
          {"nonce", query().nonce},
          {"sl", "100"},
          {"status", "OK"}};
}

std::string signedBody(ValidationFields fields, const std::string& signedWith = key()) {
  std::string body = "h=" + validationSignature(signedWith, fields) + "\r\n";
  for (const auto& [name, value] : fields) body += name + "=" + value + "\r\n";
  return body + "\r\n";
}

std::string bodyWith(const std::string& name, const std::string& value) {
  auto fields = rightFields();
  fields[name] = value;
  return signedBody(fields);
}

OtpVerdict verdict(const std::string& body) { return readValidation(body, key(), query()).verdict; }

YubicoOptions options() {
  YubicoOptions all;
  all.clientId = "1";
  all.secretKey = Secret(kSecret);
  all.server = "https://validation.example.test/wsapi/2.0/verify";
  return all;
}

}  // namespace

TEST_CASE("a code of a YubiKey is 44 to 48 characters of modhex in either case") {
  const std::string code(32, 'b');
  CHECK(parseYubiKeyOtp(kOtp) == kOtp);
  CHECK(parseYubiKeyOtp("CCCCCCCFHCBELRHIFNJRRDDCGRBURLUURFTRGFDRDIFJ") == kOtp);
  CHECK(parseYubiKeyOtp("cbdefghijklnrtuv" + code));
  CHECK(yubiKeyId(kOtp) == "cccccccfhcbe");
  CHECK_FALSE(parseYubiKeyOtp(""));
  CHECK_FALSE(parseYubiKeyOtp(code));  // Tells no key.
  CHECK_FALSE(parseYubiKeyOtp("ccccccccccc" + code));
  CHECK_FALSE(parseYubiKeyOtp("cbdefghijklnrtuvc" + code));
  CHECK_FALSE(parseYubiKeyOtp("cccccccccca" + code + "c"));
  CHECK_FALSE(parseYubiKeyOtp("cccccccccc c" + code));
  CHECK_FALSE(parseYubiKeyOtp("cccccccccc&c" + code));
  CHECK(parseYubiKeyId("CccccccFHCBE") == "cccccccfhcbe");
  CHECK_FALSE(parseYubiKeyId("cccccccfhcb"));
  CHECK_FALSE(parseYubiKeyId("cccccccfhcba"));
  CHECK_FALSE(parseYubiKeyId(kOtp));
}

TEST_CASE("requests are signed as the protocol has it") {
  const auto signature =
      validationSignature(key(), {{"id", "1"}, {"nonce", query().nonce}, {"otp", kOtp}});
  CHECK(signature == "5PLbQd1Kh+HBgtzWDpzut8guv50=");
  CHECK(validationUrl("https://v.example.test/verify", key(), query()) ==
        std::string("https://v.example.test/verify?id=1&nonce=0123456789abcdef0123&otp=") + kOtp +
            "&h=5PLbQd1Kh%2BHBgtzWDpzut8guv50%3D");
  CHECK(validationUrl("https://v.example.test/verify?a=b", key(), query()).find("?a=b&id=1&") !=
        std::string::npos);
}

TEST_CASE("only a signed answer to this question about this code is one") {
  CHECK(verdict(signedBody(rightFields())) == OtpVerdict::Right);
  CHECK(verdict(bodyWith("timestamp", "7")) == OtpVerdict::Right);
  CHECK(verdict(bodyWith("note", "a=b==")) == OtpVerdict::Right);  // Split at the first "=".

  CHECK(verdict(bodyWith("status", "BAD_OTP")) == OtpVerdict::Wrong);
  CHECK(verdict(bodyWith("status", "REPLAYED_OTP")) == OtpVerdict::Wrong);
  CHECK(verdict(bodyWith("status", "REPLAYED_REQUEST")) == OtpVerdict::Wrong);

  for (const char* status :
       {"BAD_SIGNATURE", "MISSING_PARAMETER", "NO_SUCH_CLIENT", "OPERATION_NOT_ALLOWED",
        "BACKEND_ERROR", "NOT_ENOUGH_ANSWERS", "ok", "OK2", ""}) {
    CAPTURE(status);
    CHECK(verdict(bodyWith("status", status)) == OtpVerdict::NoAnswer);
  }
  CHECK(verdict(bodyWith("otp", std::string(44, 'c'))) == OtpVerdict::NoAnswer);
  CHECK(verdict(bodyWith("otp", "")) == OtpVerdict::NoAnswer);
  CHECK(verdict(bodyWith("nonce", "0123456789abcdef0124")) == OtpVerdict::NoAnswer);

  const std::string right = signedBody(rightFields());
  CHECK(verdict(signedBody(rightFields(), "another key")) == OtpVerdict::NoAnswer);
  CHECK(verdict(signedBody(rightFields(), "")) == OtpVerdict::NoAnswer);
  CHECK(verdict(right.substr(right.find('\n') + 1)) == OtpVerdict::NoAnswer);
  CHECK(verdict(right + "more=unsigned\r\n") == OtpVerdict::NoAnswer);
  CHECK(verdict(right + "status=OK\r\n") == OtpVerdict::NoAnswer);  // Twice.
  CHECK(verdict("<html>\n") == OtpVerdict::NoAnswer);
  CHECK(verdict("") == OtpVerdict::NoAnswer);
  std::string wrongToRight = bodyWith("status", "BAD_OTP");
  wrongToRight.replace(wrongToRight.find("BAD_OTP"), 7, "OK");
  CHECK(verdict(wrongToRight) == OtpVerdict::NoAnswer);
}

TEST_CASE("statuses nobody knows are not repeated in the log") {
  CHECK(readValidation(bodyWith("status", "\x1b[31mFORGED"), key(), query()).reason ==
        "an unknown status");
  CHECK(readValidation("status=NO_SUCH_CLIENT", key(), query()).reason.find("NO_SUCH_CLIENT") !=
        std::string::npos);
}

TEST_CASE("a server that cannot be asked is no answer, and the log does not tell the code") {
  FakeOutbound nobody;
  const auto unreachable = validateYubiKeyOtp(nobody, options(), kOtp);
  CHECK(unreachable.verdict == OtpVerdict::NoAnswer);
  CHECK(unreachable.reason == options().server);  // What FakeOutbound says is the URL.
  const auto request = nobody.seen().at(0);
  CHECK(request.maxRedirects == 0);
  CHECK(request.timeout == std::chrono::seconds(10));

  FakeOutbound moved;
  moved.answer = [](const auto&) { return outbound::HttpAnswer{302, {}, "", "", false}; };
  CHECK(validateYubiKeyOtp(moved, options(), kOtp).verdict == OtpVerdict::NoAnswer);

  auto broken = options();
  broken.secretKey = Secret("not base64!");
  CHECK(validateYubiKeyOtp(nobody, broken, kOtp).verdict == OtpVerdict::NoAnswer);
  CHECK(nobody.seen().size() == 1);
}

TEST_CASE("every question has a nonce of its own") {
  FakeOutbound nobody;
  (void)validateYubiKeyOtp(nobody, options(), kOtp);
  (void)validateYubiKeyOtp(nobody, options(), kOtp);
  CHECK(nobody.seen().at(0).url != nobody.seen().at(1).url);
}
