// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_form.h"

#include "services/vault/accounts/form_fields.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxSealedLength = 2'000;

}  // namespace

std::string readPasskeyKey(const json::Object& form, std::string_view name) {
  auto sealed = readSealed(form, name);
  if (sealed.size() > kMaxSealedLength) form.fail(name, "The value is too long.");
  return sealed;
}

storage::PasskeyKeys readPasskeyKeys(const json::Object& form) {
  return {readPasskeyKey(form, "encryptedUserKey"), readPasskeyKey(form, "encryptedPublicKey"),
          readPasskeyKey(form, "encryptedPrivateKey")};
}

std::optional<storage::PasskeyKeys> findPasskeyKeys(const json::Object& form) {
  const auto isAbsent = [&](std::string_view name) {
    return form.string(name).value_or("").empty();
  };
  if (isAbsent("encryptedUserKey") && isAbsent("encryptedPublicKey") &&
      isAbsent("encryptedPrivateKey")) {
    return std::nullopt;
  }
  return readPasskeyKeys(form);
}

}  // namespace coffer::vault
