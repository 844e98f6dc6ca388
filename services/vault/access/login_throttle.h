// SPDX-License-Identifier: BSD-2-Clause
//
// How often somebody may try. Token buckets in memory, lost at restart: `burst` attempts at once,
// then one more every `refill`. IPv6 clients are counted by their /64 network, since one machine
// has all of it.
//
// Threads: any. Memory: bounded; the buckets used longest ago make room.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/guarded.h"
#include "services/vault/vault_options.h"

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace coffer::vault {

// Buckets that share one limit, by name.
class TokenBuckets {
 public:
  explicit TokenBuckets(RateLimit limit) : limit_(limit) {}

  // Takes one attempt; false when there is none left.
  [[nodiscard]] bool take(const std::string& name, UnixMicros now);
  // Undoes a take() that turned out not to count.
  void giveBack(const std::string& name);
  std::size_t size() const;

  static constexpr std::size_t kMaxBuckets = 10'000;

 private:
  struct Bucket {
    std::string name;
    double tokens;
    UnixMicros filledAt;
  };
  struct State {
    std::list<Bucket> byUse;  // The one used last is in front.
    std::unordered_map<std::string, std::list<Bucket>::iterator> byName;
  };

  const RateLimit limit_;
  Guarded<State> state_;
};

// The vault's limits. Each charge throws TooManyRequests when the bucket is empty.
class LoginThrottle {
 public:
  LoginThrottle(const Clock& clock, const VaultOptions& options);

  // A password or API key that is about to be checked for a client address, …
  void chargeLogin(std::string_view clientAddress);
  // … and for an account, from whatever address. Not charged for a device the account knows, so
  // that a stranger cannot keep the owner out by using up the attempts.
  void chargeAccount(std::string_view email);
  // It was right: otherwise an account that was just entered has fewer attempts than one that does
  // not exist, and whoever counts them knows.
  void refundAccount(std::string_view email);
  // A password from a device the account knows, at a login or inside a session, which whoever stole
  // a session can send too. Charged before it is looked at, so that an empty bucket tells the right
  // one from a wrong one no longer; each device has its own, so that it locks no other out.
  void chargeDevice(std::string_view userId, std::string_view deviceIdentifier);
  // It was right: that cost no attempt.
  void refundDevice(std::string_view userId, std::string_view deviceIdentifier);
  // A second factor that is about to be checked, after the right password, or the code for a device
  // that is not known: whoever guesses it has come far, so that a used up bucket gains tries far
  // more slowly than the others. Each known device has a bucket of its own; all others of the
  // account share one (`knownDevice` is "").
  void chargeFactor(std::string_view userId, std::string_view knownDevice);
  void refundFactor(std::string_view userId, std::string_view knownDevice);  // It was right.
  // A password or code somebody without a session shows for a Send, or a code they have mailed.
  // `who` is their client address or the address mailed to: each has a bucket for each Send.
  void chargeSend(std::string_view sendId, std::string_view who);
  void refundSend(std::string_view sendId, std::string_view who);  // It was right.
  // Any other call without a session that could be used to guess or to flood.
  void chargeAnonymous(std::string_view clientAddress);

 private:
  const Clock& clock_;
  TokenBuckets logins_;
  TokenBuckets accounts_;
  TokenBuckets devices_;
  TokenBuckets factors_;
  TokenBuckets sends_;
  TokenBuckets anonymous_;
};

// "192.0.2.1" as it is; "2001:db8::1" as its /64 network.
std::string throttleName(std::string_view clientAddress);

}  // namespace coffer::vault
