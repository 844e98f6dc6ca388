// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/totp.h"

#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <liboath/oath.h>
#include <memory>

namespace coffer::vault {
namespace {

constexpr std::size_t kKeyBytes = 20;
constexpr std::size_t kKeyCharacters = 32;

[[noreturn]] void failOath(const char* what, int code) {
  throw Fault(FaultKind::Internal, "Internal Server Error",
              std::string(what) + ": " + std::to_string(code));
}

void prepareOath() {
  static const int result = oath_init();
  if (result != OATH_OK) failOath("oath_init", result);
}

// liboath leaves out spaces and hyphens; what is no base32 must not come as far as here.
std::string bytesOf(std::string_view key) {
  prepareOath();
  char* bytes = nullptr;
  std::size_t size = 0;
  const int result = oath_base32_decode(key.data(), key.size(), &bytes, &size);
  if (result != OATH_OK) failOath("oath_base32_decode", result);
  const std::unique_ptr<char, decltype(&std::free)> owned(bytes, &std::free);
  std::string copy(bytes, size);
  wipe(bytes, size);
  return copy;
}

int differsInConstantTime(void* shown, const char* computed) {
  return equalsInConstantTime(*static_cast<const std::string_view*>(shown), computed) ? 0 : 1;
}

std::time_t secondsOf(UnixMicros time) { return static_cast<std::time_t>(time / kSecond); }

}  // namespace

std::string toBase32(std::string_view bytes) {
  prepareOath();
  char* text = nullptr;
  std::size_t size = 0;
  const int result = oath_base32_encode(bytes.data(), bytes.size(), &text, &size);
  if (result != OATH_OK) failOath("oath_base32_encode", result);
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  return std::string(text, size);
}

std::string makeTotpKey() { return toBase32(randomBytes(kKeyBytes)); }

std::optional<std::string> parseTotpKey(std::string_view text) {
  if (text.size() != kKeyCharacters) return std::nullopt;
  std::string key;
  for (const char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const bool isBase32 = (upper >= 'A' && upper <= 'Z') || (upper >= '2' && upper <= '7');
    if (!isBase32) return std::nullopt;
    key += upper;
  }
  return key;
}

std::optional<std::int64_t> findTotpStep(std::string_view key, std::string_view code,
                                         UnixMicros now, unsigned drift) {
  if (code.size() != kTotpDigits) return std::nullopt;
  std::string secret = bytesOf(key);
  std::string_view shown = code;
  std::uint64_t step = 0;
  int position = 0;
  const int result = oath_totp_validate3_callback(secret.data(), secret.size(), secondsOf(now),
                                                  OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                                                  OATH_TOTP_DEFAULT_START_TIME, kTotpDigits, drift,
                                                  &position, &step, &differsInConstantTime, &shown);
  wipe(secret);
  if (result == OATH_INVALID_OTP) return std::nullopt;
  if (result < 0) failOath("oath_totp_validate", result);
  return static_cast<std::int64_t>(step);
}

std::string totpCode(std::string_view key, UnixMicros now) {
  std::string secret = bytesOf(key);
  std::array<char, kTotpDigits + 1> code{};
  const int result = oath_totp_generate(secret.data(), secret.size(), secondsOf(now),
                                        OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                                        OATH_TOTP_DEFAULT_START_TIME, kTotpDigits, code.data());
  wipe(secret);
  if (result != OATH_OK) failOath("oath_totp_generate", result);
  return std::string(code.data(), kTotpDigits);
}

}  // namespace coffer::vault
