// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/password_hash.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/restic/apr1.h"

#include <crypt.h>

#include <algorithm>
#include <memory>

namespace coffer::restic {
namespace {

constexpr std::uint64_t kMaxBcryptCost = 17;        // About seven seconds on a fast core.
constexpr std::uint64_t kMaxShaRounds = 5'000'000;  // About as long.
constexpr std::string_view kShaPrefix = "{SHA}";
constexpr std::string_view kApr1Prefix = "$apr1$";
constexpr std::string_view kCryptAlphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// crypt(3)'s working memory is 32 KiB and holds the password: kept off the stack, and wiped.
class CryptBuffer {
 public:
  CryptBuffer() : data_(std::make_unique<crypt_data>()) {}
  ~CryptBuffer() { wipe(data_.get(), sizeof(crypt_data)); }
  CryptBuffer(const CryptBuffer&) = delete;
  CryptBuffer& operator=(const CryptBuffer&) = delete;

  // "" when the setting is not understood.
  std::string hash(const std::string& password, const std::string& setting) {
    const char* result = ::crypt_r(password.c_str(), setting.c_str(), data_.get());
    return result == nullptr || *result == '*' ? std::string() : std::string(result);
  }

 private:
  std::unique_ptr<crypt_data> data_;
};

bool isFrom(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

// "$2y$10$" and 53 characters.
bool isBcrypt(std::string_view hash) {
  if (hash.size() != 60 || !isFrom(hash.substr(7), kCryptAlphabet)) return false;
  if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) {
    return false;
  }
  const auto cost = parseUnsigned(hash.substr(4, 2));
  return hash[6] == '$' && cost && *cost >= 4 && *cost <= kMaxBcryptCost;
}

// "$5$[rounds=N$]salt$digest", 43 characters of digest, or 86 with "$6$".
bool isShaCrypt(std::string_view hash) {
  if (!hash.starts_with("$5$") && !hash.starts_with("$6$")) return false;
  const std::size_t digestLength = hash[1] == '5' ? 43 : 86;
  hash.remove_prefix(3);
  if (hash.starts_with("rounds=")) {
    const auto end = hash.find('$');
    if (end == std::string_view::npos) return false;
    const auto rounds = parseUnsigned(hash.substr(7, end - 7));
    if (!rounds || *rounds > kMaxShaRounds) return false;
    hash.remove_prefix(end + 1);
  }
  const auto end = hash.find('$');
  return end != std::string_view::npos && end <= 16 && hash.size() - end - 1 == digestLength &&
         isFrom(hash.substr(end + 1), kCryptAlphabet);
}

bool isSha1(std::string_view hash) {
  if (!hash.starts_with(kShaPrefix)) return false;
  const auto digest = fromBase64(hash.substr(kShaPrefix.size()));
  return digest && digest->size() == 20;
}

// "$apr1$salt$digest", up to 8 and exactly 22 characters.
bool isApr1(std::string_view hash) {
  if (!hash.starts_with(kApr1Prefix)) return false;
  hash.remove_prefix(kApr1Prefix.size());
  const auto end = hash.find('$');
  return end != std::string_view::npos && end <= 8 && hash.size() - end - 1 == 22 &&
         isFrom(hash.substr(end + 1), kCryptAlphabet);
}

std::string apr1Salt(std::string_view hash) {
  hash.remove_prefix(kApr1Prefix.size());
  return std::string(hash.substr(0, hash.find('$')));
}

}  // namespace

HashKind kindOfHash(std::string_view hash) {
  if (hash.find('\0') != std::string_view::npos) return HashKind::Unusable;
  if (isBcrypt(hash)) return HashKind::Bcrypt;
  if (isSha1(hash)) return HashKind::Sha1;
  if (isApr1(hash)) return HashKind::Apr1;
  if (isShaCrypt(hash)) return HashKind::ShaCrypt;
  return HashKind::Unusable;
}

bool verifyPassword(std::string_view password, const std::string& hash) {
  if (password.find('\0') != std::string_view::npos) return false;
  const HashKind kind = kindOfHash(hash);
  if (kind == HashKind::Unusable) return false;
  std::string computed;
  if (kind == HashKind::Sha1) {
    computed = std::string(kShaPrefix) + toBase64(sha1(password));
  } else if (kind == HashKind::Apr1) {
    computed = apr1Hash(password, apr1Salt(hash));
  } else {
    const Secret terminated{std::string(password)};
    computed = CryptBuffer().hash(terminated.reveal(), hash);
  }
  return !computed.empty() && equalsInConstantTime(computed, hash);
}

std::string hashPassword(std::string_view password, int cost) {
  if (password.empty()) throw UsageError("the password is empty");
  if (password.find('\0') != std::string_view::npos) throw UsageError("the password holds a NUL");
  if (password.size() > kMaxBcryptPassword) {
    throw UsageError("the password has " + std::to_string(password.size()) +
                     " bytes; bcrypt takes at most 72 and would ignore the rest");
  }
  if (cost < 4 || cost > static_cast<int>(kMaxBcryptCost)) {
    throw UsageError("the bcrypt cost must be between 4 and 17");
  }
  const std::string random = randomBytes(16);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE] = {};
  if (::crypt_gensalt_rn("$2y$", static_cast<unsigned long>(cost), random.data(),
                         static_cast<int>(random.size()), setting, sizeof setting) == nullptr) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "crypt_gensalt_rn refused");
  }
  const Secret terminated{std::string(password)};
  std::string hash = CryptBuffer().hash(terminated.reveal(), setting);
  if (hash.empty()) throw Fault(FaultKind::Internal, "Internal Server Error", "crypt_r refused");
  return hash;
}

// The same setting with another digest: what is checked costs the same, and nothing matches it.
std::string decoyFor(const std::string& hash) {
  if (kindOfHash(hash) == HashKind::Sha1)
    return std::string(kShaPrefix) + toBase64(randomBytes(20));
  std::string decoy = hash;
  for (std::size_t i = decoy.size() - 20; i < decoy.size() - 1; ++i) {
    decoy[i] = kCryptAlphabet[static_cast<unsigned char>(randomBytes(1)[0]) % 64];
  }
  return decoy;
}

}  // namespace coffer::restic
