// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/credential_cache.h"

#include "appliance/base/digest.h"
#include "appliance/base/random.h"

#include <algorithm>

namespace coffer::restic {
namespace {

// Lengths first, so that no two triples make the same text.
std::string framed(std::string_view part) {
  return std::to_string(part.size()) + ":" + std::string(part);
}

}  // namespace

CredentialCache::CredentialCache(std::chrono::seconds lifetime, std::size_t capacity)
    : lifetime_(lifetime), capacity_(capacity), salt_(randomBytes(32)) {}

std::string CredentialCache::keyOf(std::string_view user, const Secret& password,
                                   std::string_view hash) const {
  std::string text = framed(user) + framed(hash) + framed(password.reveal());
  std::string key = hmacSha256(salt_.reveal(), text);
  wipe(text);
  return key;
}

bool CredentialCache::isKnown(const std::string& key, Time now) {
  return expiry_.with([&](auto& expiry) {
    const auto entry = expiry.find(key);
    if (entry == expiry.end()) return false;
    if (entry->second <= now) {
      expiry.erase(entry);
      return false;
    }
    entry->second = now + lifetime_;
    return true;
  });
}

bool CredentialCache::check(const std::string& key, Time now, const std::function<bool()>& verify) {
  if (isKnown(key, now)) return true;
  auto mine = std::make_shared<Running>();
  const auto running =
      running_.with([&](auto& checks) { return checks.try_emplace(key, mine).first->second; });
  if (running != mine) {
    std::unique_lock lock(running->mutex);
    running->finished.wait(lock, [&] { return running->done; });
    return running->right;
  }
  bool right = false;
  try {
    // Another check may have ended between the two looks above.
    right = isKnown(key, now) || verify();
    if (right) remember(key, now);
  } catch (...) {
    running_.with([&](auto& checks) { checks.erase(key); });
    finish(*mine, false);
    throw;
  }
  running_.with([&](auto& checks) { checks.erase(key); });
  finish(*mine, right);
  return right;
}

void CredentialCache::finish(Running& running, bool right) {
  {
    const std::lock_guard lock(running.mutex);
    running.done = true;
    running.right = right;
  }
  running.finished.notify_all();
}

void CredentialCache::remember(const std::string& key, Time now) {
  expiry_.with([&](auto& expiry) {
    if (capacity_ == 0) return;
    if (expiry.size() >= capacity_) {
      std::erase_if(expiry, [&](const auto& entry) { return entry.second <= now; });
    }
    if (expiry.size() >= capacity_) {
      expiry.erase(std::min_element(expiry.begin(), expiry.end(), [](const auto& a, const auto& b) {
        return a.second < b.second;
      }));
    }
    expiry[key] = now + lifetime_;
  });
}

void CredentialCache::clear() {
  expiry_.with([](auto& expiry) { expiry.clear(); });
}

}  // namespace coffer::restic
