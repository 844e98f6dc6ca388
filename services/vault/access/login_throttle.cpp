// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/access/login_throttle.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace coffer::vault {
namespace {

constexpr const char* kTooManyLogins = "Too many login requests";

// Of a million codes three are right at a time: with one try every ten minutes somebody who has the
// password guesses for six years on average, with one every minute for eight months.
constexpr int kFactorSlowness = 10;

RateLimit factorLimit(RateLimit login) { return {login.burst, login.refill * kFactorSlowness}; }

std::string sendName(std::string_view sendId, std::string_view who) {
  return std::string(sendId) + "/" + throttleName(who);
}

// The lines that log filters know (vault-operations 7.3).
[[noreturn]] void refuse(const char* message) {
  log::error("vault", message);
  throw TooManyRequests(message);
}

std::string deviceName(std::string_view userId, std::string_view deviceIdentifier) {
  return std::string(userId) + "/" + std::string(deviceIdentifier);
}

}  // namespace

bool TokenBuckets::take(const std::string& name, UnixMicros now) {
  const double burst = limit_.burst;
  const auto refill = std::chrono::duration_cast<std::chrono::microseconds>(limit_.refill).count();
  return state_.with([&](State& state) {
    const auto found = state.byName.find(name);
    if (found == state.byName.end()) {
      if (state.byUse.size() == kMaxBuckets) {
        state.byName.erase(state.byUse.back().name);
        state.byUse.pop_back();
      }
      state.byUse.push_front({name, burst, now});
      state.byName.emplace(name, state.byUse.begin());
    } else {
      state.byUse.splice(state.byUse.begin(), state.byUse, found->second);
    }

    Bucket& bucket = state.byUse.front();
    const auto elapsed = std::max<UnixMicros>(0, now - bucket.filledAt);
    bucket.filledAt = now;
    bucket.tokens =
        std::min(burst, bucket.tokens + static_cast<double>(elapsed) /
                                            static_cast<double>(std::max<std::int64_t>(refill, 1)));
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  });
}

void TokenBuckets::giveBack(const std::string& name) {
  state_.with([&](State& state) {
    const auto found = state.byName.find(name);
    if (found == state.byName.end()) return;
    Bucket& bucket = *found->second;
    bucket.tokens = std::min<double>(limit_.burst, bucket.tokens + 1);
  });
}

std::size_t TokenBuckets::size() const {
  return state_.with([](const State& state) { return state.byUse.size(); });
}

LoginThrottle::LoginThrottle(const Clock& clock, const VaultOptions& options)
    : clock_(clock),
      logins_(options.loginLimit),
      accounts_(options.loginLimit),
      devices_(options.loginLimit),
      factors_(factorLimit(options.loginLimit)),
      sends_(options.loginLimit),
      anonymous_(options.anonymousLimit) {}

void LoginThrottle::chargeLogin(std::string_view clientAddress) {
  if (!logins_.take(throttleName(clientAddress), clock_.now())) {
    refuse(kTooManyLogins);
  }
}

void LoginThrottle::chargeAccount(std::string_view email) {
  if (!accounts_.take(std::string(email), clock_.now())) refuse(kTooManyLogins);
}

void LoginThrottle::refundAccount(std::string_view email) {
  accounts_.giveBack(std::string(email));
}

void LoginThrottle::chargeDevice(std::string_view userId, std::string_view deviceIdentifier) {
  if (!devices_.take(deviceName(userId, deviceIdentifier), clock_.now())) {
    refuse(kTooManyLogins);
  }
}

void LoginThrottle::refundDevice(std::string_view userId, std::string_view deviceIdentifier) {
  devices_.giveBack(deviceName(userId, deviceIdentifier));
}

void LoginThrottle::chargeFactor(std::string_view userId, std::string_view knownDevice) {
  if (!factors_.take(deviceName(userId, knownDevice), clock_.now())) {
    refuse(kTooManyLogins);
  }
}

void LoginThrottle::refundFactor(std::string_view userId, std::string_view knownDevice) {
  factors_.giveBack(deviceName(userId, knownDevice));
}

void LoginThrottle::chargeSend(std::string_view sendId, std::string_view who) {
  if (!sends_.take(sendName(sendId, who), clock_.now())) {
    refuse("Too many requests");
  }
}

void LoginThrottle::refundSend(std::string_view sendId, std::string_view who) {
  sends_.giveBack(sendName(sendId, who));
}

void LoginThrottle::chargeAnonymous(std::string_view clientAddress) {
  if (!anonymous_.take(throttleName(clientAddress), clock_.now())) {
    refuse("Too many requests");
  }
}

std::string throttleName(std::string_view clientAddress) {
  constexpr std::size_t networkBytes = 8;
  std::array<char, sizeof(in6_addr)> address{};
  const std::string text(clientAddress);
  if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return text;
  constexpr std::string_view mappedPrefix("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
  const std::string_view bytes(address.data(), address.size());
  // An IPv4 client seen through an IPv6 socket is one machine, not a network.
  if (bytes.starts_with(mappedPrefix)) return text;
  return toHex(bytes.substr(0, networkBytes)) + "/64";
}

}  // namespace coffer::vault
