// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/codes/one_time_codes.h"

#include "appliance/base/digest.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxDigits = 64;

// As it stands in the database.
std::string_view nameOf(CodePurpose purpose) {
  switch (purpose) {
    case CodePurpose::EmailFactorSetUp:
      return "email_factor_set_up";
    case CodePurpose::EmailFactorLogin:
      return "email_factor_login";
    case CodePurpose::ProtectedAction:
      return "protected_action";
    case CodePurpose::NewDevice:
      return "new_device";
    case CodePurpose::EmailChange:
      return "email_change";
  }
  return {};
}

// A code is worth nothing for another account or purpose, whatever the database says.
std::string hashOf(std::string_view userId, CodePurpose purpose, std::string_view code) {
  std::string text(userId);
  text.append("\n").append(nameOf(purpose)).append("\n").append(code);
  return sha256(text);
}

}  // namespace

std::string randomDigits(std::size_t count) {
  constexpr unsigned char unbiased = 250;  // Bytes from here on would favour the low digits.
  std::string digits;
  while (digits.size() < count) {
    for (const char c : randomBytes(count)) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < unbiased && digits.size() < count) digits += static_cast<char>('0' + byte % 10);
    }
  }
  return digits;
}

std::string OneTimeCodes::issue(std::string_view userId, CodePurpose purpose,
                                std::string_view data) {
  const auto before = findUsable(userId, purpose);
  const std::string code = randomDigits(std::clamp<std::size_t>(options_.digits, 1, kMaxDigits));
  const auto lifetime =
      std::chrono::duration_cast<std::chrono::microseconds>(options_.lifetime).count();
  storage::OneTimeCode next;
  next.hash = hashOf(userId, purpose, code);
  if (!data.empty()) next.data = data;
  next.attempts = before ? before->attempts : 0;
  next.sentAt = now_;
  next.expiresAt = now_ + lifetime;
  storage::OneTimeCodeStore(tx_).put(userId, nameOf(purpose), next);
  return code;
}

std::optional<UnixMicros> OneTimeCodes::sentAt(std::string_view userId, CodePurpose purpose) {
  const auto code = storage::OneTimeCodeStore(tx_).find(userId, nameOf(purpose));
  if (!code || code->expiresAt <= now_) return std::nullopt;
  return code->sentAt;
}

std::optional<std::string> OneTimeCodes::data(std::string_view userId, CodePurpose purpose) {
  const auto code = findUsable(userId, purpose);
  if (!code) return std::nullopt;
  return code->data.value_or("");
}

CodeCheck OneTimeCodes::check(std::string_view userId, CodePurpose purpose, std::string_view code) {
  const CodeCheck outcome = checkAndKeep(userId, purpose, code);
  if (outcome == CodeCheck::Right) discard(userId, purpose);
  return outcome;
}

CodeCheck OneTimeCodes::checkAndKeep(std::string_view userId, CodePurpose purpose,
                                     std::string_view code) {
  const auto known = findUsable(userId, purpose);
  if (!known) return CodeCheck::None;
  if (equalsInConstantTime(known->hash, hashOf(userId, purpose, code))) return CodeCheck::Right;
  storage::OneTimeCodeStore store(tx_);
  store.countAttempt(userId, nameOf(purpose));
  if (known->attempts + 1 >= options_.wrongTries) store.useUp(userId, nameOf(purpose));
  return CodeCheck::Wrong;
}

void OneTimeCodes::discard(std::string_view userId, CodePurpose purpose) {
  storage::OneTimeCodeStore(tx_).remove(userId, nameOf(purpose));
}

std::optional<storage::OneTimeCode> OneTimeCodes::findUsable(std::string_view userId,
                                                             CodePurpose purpose) {
  auto code = storage::OneTimeCodeStore(tx_).find(userId, nameOf(purpose));
  if (!code || code->hash.empty() || code->expiresAt <= now_) return std::nullopt;
  return code;
}

}  // namespace coffer::vault
