// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/form_fields.h"

#include "appliance/base/bytes.h"
#include "services/vault/accounts/email.h"
#include "services/vault/crypto/key_derivation.h"
#include "services/vault/encstring.h"
#include "services/vault/identity/password_hasher.h"

#include <algorithm>
#include <limits>

namespace coffer::vault {
namespace {

// The four members of a KDF, under the names they have in this form.
struct KdfNames {
  std::string_view type;
  std::string_view iterations;
  std::string_view memory;
  std::string_view parallelism;
};
constexpr KdfNames kFlatKdf{"kdf", "kdfIterations", "kdfMemory", "kdfParallelism"};
constexpr KdfNames kNestedKdf{"kdfType", "iterations", "memory", "parallelism"};

std::optional<std::uint32_t> readCount(const json::Object& form, std::string_view name) {
  const auto number = form.integer(name);
  if (!number) return std::nullopt;
  if (*number < 0 || *number > std::numeric_limits<std::int32_t>::max()) {
    form.fail(name, "The value is out of range.");
  }
  return static_cast<std::uint32_t>(*number);
}

KdfSettings readKdf(const json::Object& form, const KdfNames& names) {
  KdfSettings kdf;
  const auto type = form.requiredInteger(names.type);
  if (type != 0 && type != 1) form.fail(names.type, "The KDF is unknown.");
  form.requiredInteger(names.iterations);
  kdf.iterations = readCount(form, names.iterations).value_or(0);
  if (type == 1) {
    kdf.type = KdfType::Argon2id;
    kdf.memoryMiB = readCount(form, names.memory);
    kdf.parallelism = readCount(form, names.parallelism);
  }
  return kdf;
}

storage::Kdf checkedKdf(const KdfSettings& kdf, std::uint32_t minimumPbkdf2) {
  if (const auto problem = findKdfProblem(kdf, minimumPbkdf2)) throw BadRequest(*problem);
  return {static_cast<int>(kdf.type), kdf.iterations, kdf.memoryMiB, kdf.parallelism};
}

storage::Kdf keptKdf(const KdfSettings& kdf, const storage::Kdf& kept) {
  const bool isSame = static_cast<int>(kdf.type) == kept.type &&
                      kdf.iterations == kept.iterations &&
                      kdf.memoryMiB.value_or(0) == kept.memory.value_or(0) &&
                      kdf.parallelism.value_or(0) == kept.parallelism.value_or(0);
  if (!isSame) throw BadRequest("The KDF settings cannot be changed together with the password.");
  return kept;
}

void requireSalt(const json::Object& part, std::string_view email) {
  if (normalizeEmail(part.string("salt").value_or("")) != email) {
    throw BadRequest("Invalid master password salt");
  }
}

std::string readPublicKey(const json::Object& form, std::string_view name) {
  const auto key = form.requiredString(name);
  if (!isBase64(key)) form.fail(name, "The key is not valid base64.");
  return std::string(key);
}

storage::AccountKeys readAccountKeys(const json::Object& keys) {
  if (!keys.isNull("signatureKeyPair") || !keys.isNull("securityState")) {
    throw BadRequest("This server does not support this version of account encryption.");
  }
  storage::AccountKeys pair;
  if (const auto nested = keys.object("publicKeyEncryptionKeyPair")) {
    pair.privateKey = readSealed(*nested, "wrappedPrivateKey");
    pair.publicKey = readPublicKey(*nested, "publicKey");
  } else {
    pair.privateKey = readSealed(keys, "userKeyEncryptedAccountPrivateKey");
    pair.publicKey = readPublicKey(keys, "accountPublicKey");
  }
  return pair;
}

}  // namespace

std::size_t countCharacters(std::string_view text) {
  // Bytes that begin a character.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::optional<std::string> readText(const json::Object& form, std::string_view name,
                                    std::size_t maxCharacters) {
  const auto text = form.string(name);
  if (!text) return std::nullopt;
  if (countCharacters(*text) > maxCharacters) {
    form.fail(name, "The field " + json::pascalName(name) +
                        " must be a string with a maximum length of " +
                        std::to_string(maxCharacters) + ".");
  }
  return std::string(*text);
}

std::optional<std::string> readHint(const json::Object& form, bool allowed) {
  const auto text = readText(form, "masterPasswordHint", kMaxHintLength);
  const std::string hint(trim(text.value_or("")));
  if (hint.empty()) return std::nullopt;
  if (!allowed) {
    throw BadRequest(
        "Password hints have been disabled by the administrator. Remove the hint and try again.");
  }
  return hint;
}

std::string readSealed(const json::Object& form, std::string_view name) {
  const auto text = form.requiredString(name);
  if (!isEncString(text)) {
    form.fail(name, json::pascalName(name) + " is not a valid encrypted string.");
  }
  return std::string(text);
}

std::string readPasswordHash(const json::Object& form, std::string_view name) {
  const auto hash = form.requiredString(name);
  if (hash.size() > kMaxPasswordHashLength) {
    form.fail(name, "The field " + json::pascalName(name) +
                        " must be a string with a maximum length of " +
                        std::to_string(kMaxPasswordHashLength) + ".");
  }
  return std::string(hash);
}

std::optional<std::string> readKeyId(const json::Object& form, std::string_view name) {
  const auto text = form.string(name);
  if (!text || text->empty()) return std::nullopt;
  if (text->size() != 32 || !fromHex(*text)) form.fail(name, "The key id is not valid.");
  return toLowerAscii(*text);
}

std::optional<Credentials> readCredentials(const json::Object& form, const CredentialNames& names,
                                           const CredentialRules& rules) {
  if (form.isNull(names.authentication) && form.isNull(names.unlock)) return std::nullopt;
  const auto authentication = form.requiredObject(names.authentication);
  const auto unlock = form.requiredObject(names.unlock);
  const KdfSettings kdf = readKdf(authentication.requiredObject("kdf"), kNestedKdf);
  if (kdf != readKdf(unlock.requiredObject("kdf"), kNestedKdf)) {
    throw BadRequest("KDF settings must be equal for authentication and unlock");
  }
  requireSalt(authentication, rules.email);
  requireSalt(unlock, rules.email);

  Credentials credentials;
  credentials.passwordHash = readPasswordHash(authentication, "masterPasswordAuthenticationHash");
  credentials.kdf =
      rules.keptKdf ? keptKdf(kdf, *rules.keptKdf) : checkedKdf(kdf, rules.minimumPbkdf2);
  credentials.userKey = readSealed(unlock, "masterKeyWrappedUserKey");
  credentials.containedKeyId = readKeyId(unlock, "containedKeyId");
  return credentials;
}

storage::Kdf readFlatKdf(const json::Object& form, std::uint32_t minimumPbkdf2) {
  return checkedKdf(readKdf(form, kFlatKdf), minimumPbkdf2);
}

Credentials readLooseCredentials(const json::Object& form, std::string_view keyName,
                                 std::uint32_t minimumPbkdf2) {
  Credentials credentials;
  credentials.passwordHash = readPasswordHash(form, "masterPasswordHash");
  credentials.kdf = readFlatKdf(form, minimumPbkdf2);
  credentials.userKey = readSealed(form, keyName);
  return credentials;
}

std::optional<storage::AccountKeys> readKeyPair(const json::Object& form) {
  if (const auto keys = form.object("accountKeys")) return readAccountKeys(*keys);
  if (form.isNull("publicKey") && form.isNull("encryptedPrivateKey")) return std::nullopt;
  storage::AccountKeys pair;
  pair.privateKey = readSealed(form, "encryptedPrivateKey");
  pair.publicKey = readPublicKey(form, "publicKey");
  return pair;
}

std::optional<storage::AccountKeys> readKeysUnder(const json::Object& form, std::string_view name) {
  if (!form.isNull("accountKeys")) return readKeyPair(form);
  const auto keys = form.object(name);
  if (!keys) return std::nullopt;
  return readKeyPair(*keys);
}

}  // namespace coffer::vault
