// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/usage_ledger.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <algorithm>

namespace coffer::restic {
namespace {

std::uint64_t valueOr(const std::map<std::string, std::uint64_t>& values, const std::string& name,
                      std::uint64_t otherwise) {
  const auto entry = values.find(name);
  return entry == values.end() ? otherwise : entry->second;
}

// Never below zero: files may be removed that were stored behind the ledger's back.
void subtract(std::uint64_t& from, std::uint64_t bytes) { from -= std::min(from, bytes); }

void checkLimit(std::string_view what, std::uint64_t used, std::uint64_t more, std::uint64_t limit,
                std::uint64_t reserve) {
  if (limit == 0) return;
  const std::uint64_t most = limit + std::min(reserve, UINT64_MAX - limit);
  if (used <= most && more <= most - used) return;
  throw InsufficientStorage("Insufficient Storage",
                            std::string(what) + " would exceed its quota of " +
                                formatByteSize(limit) + ", used " + formatByteSize(used));
}

}  // namespace

std::uint64_t QuotaLimits::ofUser(const std::string& user) const {
  return valueOr(users, user, perUser);
}

std::uint64_t QuotaLimits::ofRepository(const std::string& repository) const {
  return valueOr(repositories, repository, perRepository);
}

bool QuotaLimits::hasAny() const {
  return total != 0 || perUser != 0 || perRepository != 0 || !users.empty() ||
         !repositories.empty();
}

UsageLedger::Reservation::Reservation(Reservation&& other) noexcept
    : ledger_(std::exchange(other.ledger_, nullptr)),
      repository_(std::move(other.repository_)),
      type_(other.type_),
      bytes_(other.bytes_) {}

UsageLedger::Reservation::~Reservation() {
  if (ledger_ != nullptr) ledger_->release(repository_, bytes_);
}

void UsageLedger::Reservation::grow(std::uint64_t bytes) {
  ledger_->state_.with([&](State& state) { ledger_->take(state, repository_, type_, bytes); });
  bytes_ += bytes;
}

void UsageLedger::Reservation::settle(UnixMicros now) {
  std::exchange(ledger_, nullptr)->settle(repository_, type_, bytes_, now);
}

UsageLedger::Reservation UsageLedger::reserve(const std::string& repository,
                                              const std::string& owner, ObjectType type,
                                              std::uint64_t bytes) {
  Reservation reservation(*this, repository, type);
  state_.with([&](State& state) { adopt(state, state.repositories[repository], owner); });
  reservation.grow(bytes);
  return reservation;
}

void UsageLedger::adopt(State& state, Entry& entry, const std::string& owner) {
  if (!entry.usage.owner.empty() || owner.empty()) return;
  const std::uint64_t held = entry.usage.bytes() + entry.pending;
  subtract(state.users[entry.usage.owner], held);
  entry.usage.owner = owner;
  state.users[owner] += held;
  ++state.version;
}

void UsageLedger::charge(State& state, const Entry& entry, std::uint64_t bytes) {
  state.total += bytes;
  state.users[entry.usage.owner] += bytes;
}

void UsageLedger::credit(State& state, const Entry& entry, std::uint64_t bytes) {
  subtract(state.total, bytes);
  subtract(state.users[entry.usage.owner], bytes);
}

void UsageLedger::take(State& state, const std::string& repository, ObjectType type,
                       std::uint64_t bytes) {
  Entry& entry = state.repositories[repository];
  const std::string& owner = entry.usage.owner;
  const std::uint64_t reserve = type == ObjectType::Locks ? kLockReserve : 0;
  checkLimit("the server", state.total, bytes, limits_.total, reserve);
  if (!owner.empty()) {
    checkLimit("user " + owner, state.users[owner], bytes, limits_.ofUser(owner), reserve);
  }
  checkLimit("repository " + repository, entry.usage.bytes() + entry.pending, bytes,
             limits_.ofRepository(repository), reserve);
  entry.pending += bytes;
  charge(state, entry, bytes);
}

void UsageLedger::release(const std::string& repository, std::uint64_t bytes) {
  state_.with([&](State& state) {
    const auto found = state.repositories.find(repository);
    if (found == state.repositories.end()) return;
    Entry& entry = found->second;
    subtract(entry.pending, bytes);
    credit(state, entry, bytes);
    // Of a repository that nothing was ever stored in, no trace is kept.
    if (entry.pending == 0 && entry.changes == 0 && entry.usage.bytes() == 0 &&
        entry.usage.lastAccess == 0) {
      std::erase_if(state.users, [&](const auto& user) {
        return user.first == entry.usage.owner && user.second == 0;
      });
      state.repositories.erase(found);
    }
  });
}

void UsageLedger::settle(const std::string& repository, ObjectType type, std::uint64_t bytes,
                         UnixMicros now) {
  state_.with([&](State& state) {
    Entry& entry = state.repositories[repository];
    subtract(entry.pending, bytes);
    TypeUsage& usage = entry.usage.types[indexOf(type)];
    ++usage.objects;
    usage.bytes += bytes;
    entry.usage.lastAccess = now;
    if (type == ObjectType::Snapshots) {
      entry.usage.newestSnapshot = std::max(entry.usage.newestSnapshot, now);
    }
    ++entry.changes;
    ++state.version;
  });
}

void UsageLedger::removed(const std::string& repository, ObjectType type, std::uint64_t bytes) {
  state_.with([&](State& state) {
    Entry& entry = state.repositories[repository];
    TypeUsage& usage = entry.usage.types[indexOf(type)];
    const std::uint64_t counted = std::min(usage.bytes, bytes);
    subtract(usage.objects, 1);
    usage.bytes -= counted;
    credit(state, entry, counted);
    ++entry.changes;
    ++state.version;
  });
}

void UsageLedger::touched(const std::string& repository, UnixMicros now) {
  state_.with([&](State& state) {
    const auto found = state.repositories.find(repository);
    if (found != state.repositories.end()) found->second.usage.lastAccess = now;
  });
}

void UsageLedger::setNewestSnapshot(const std::string& repository, UnixMicros newest) {
  state_.with([&](State& state) {
    state.repositories[repository].usage.newestSnapshot = newest;
    ++state.version;
  });
}

UnixMicros UsageLedger::newestSnapshot(const std::string& repository) const {
  return state_.with([&](const State& state) {
    const auto found = state.repositories.find(repository);
    return found == state.repositories.end() ? UnixMicros{0} : found->second.usage.newestSnapshot;
  });
}

UsageLedger::Change::Change(UsageLedger& ledger, std::string repository)
    : ledger_(ledger), repository_(std::move(repository)) {
  ledger_.state_.with([&](State& state) { ++state.changing[repository_]; });
}

UsageLedger::Change::~Change() {
  ledger_.state_.with([&](State& state) {
    const auto found = state.changing.find(repository_);
    if (--found->second == 0) state.changing.erase(found);
  });
}

std::uint64_t UsageLedger::changesOf(const State& state, const std::string& repository) {
  if (state.changing.contains(repository)) return kChanging;
  const auto found = state.repositories.find(repository);
  return found == state.repositories.end() ? 0 : found->second.changes;
}

std::uint64_t UsageLedger::changes(const std::string& repository) const {
  return state_.with([&](const State& state) { return changesOf(state, repository); });
}

void UsageLedger::setTypes(State& state, Entry& entry,
                           const std::array<TypeUsage, kTypeCount>& types) {
  credit(state, entry, entry.usage.bytes());
  entry.usage.types = types;
  charge(state, entry, entry.usage.bytes());
  ++state.version;
}

bool UsageLedger::correct(const std::string& repository, const RepositoryUsage& counted,
                          std::uint64_t changesBefore) {
  return state_.with([&](State& state) {
    if (changesBefore == kChanging || changesOf(state, repository) != changesBefore) return false;
    Entry& entry = state.repositories[repository];
    adopt(state, entry, counted.owner);
    setTypes(state, entry, counted.types);
    entry.usage.newestSnapshot = counted.newestSnapshot;
    entry.usage.lastAccess = std::max(entry.usage.lastAccess, counted.lastAccess);
    return true;
  });
}

void UsageLedger::raise(const std::string& repository, const RepositoryUsage& counted) {
  state_.with([&](State& state) {
    Entry& entry = state.repositories[repository];
    adopt(state, entry, counted.owner);
    auto types = entry.usage.types;
    for (std::size_t i = 0; i < kTypeCount; ++i) {
      types[i].objects = std::max(types[i].objects, counted.types[i].objects);
      types[i].bytes = std::max(types[i].bytes, counted.types[i].bytes);
    }
    setTypes(state, entry, types);
    entry.usage.newestSnapshot = std::max(entry.usage.newestSnapshot, counted.newestSnapshot);
  });
}

bool UsageLedger::correctType(const std::string& repository, ObjectType type, TypeUsage counted,
                              std::uint64_t changesBefore) {
  return state_.with([&](State& state) {
    const auto found = state.repositories.find(repository);
    if (changesBefore == kChanging || found == state.repositories.end() ||
        changesOf(state, repository) != changesBefore) {
      return false;
    }
    auto types = found->second.usage.types;
    TypeUsage& usage = types[indexOf(type)];
    if (usage.objects == counted.objects && usage.bytes == counted.bytes) return true;
    usage = counted;
    setTypes(state, found->second, types);
    return true;
  });
}

void UsageLedger::forget(const std::string& repository) {
  state_.with([&](State& state) {
    const auto found = state.repositories.find(repository);
    if (found == state.repositories.end()) return;
    Entry& entry = found->second;
    credit(state, entry, entry.usage.bytes());
    ++state.version;
    if (entry.pending == 0) {
      state.repositories.erase(found);
      return;
    }
    // Uploads are on their way into it: what they hold stays counted.
    entry.usage = RepositoryUsage{.owner = entry.usage.owner};
    ++entry.changes;
  });
}

void UsageLedger::restore(const UsageByRepository& saved) {
  for (const auto& [name, usage] : saved) {
    (void)correct(name, usage, 0);
  }
}

UsageByRepository UsageLedger::repositories() const {
  return state_.with([](const State& state) {
    UsageByRepository all;
    for (const auto& [name, entry] : state.repositories) all.emplace(name, entry.usage);
    return all;
  });
}

std::uint64_t UsageLedger::totalBytes() const {
  return state_.with([](const State& state) { return state.total; });
}

std::vector<QuotaState> UsageLedger::quotas() const {
  return state_.with([&](const State& state) {
    std::vector<QuotaState> all;
    all.push_back({QuotaState::Scope::Total, "", state.total, limits_.total});
    for (const auto& [user, used] : state.users) {
      const std::uint64_t limit = limits_.ofUser(user);
      if (limit != 0 && !user.empty()) all.push_back({QuotaState::Scope::User, user, used, limit});
    }
    for (const auto& [name, entry] : state.repositories) {
      const std::uint64_t limit = limits_.ofRepository(name);
      const std::uint64_t used = entry.usage.bytes() + entry.pending;
      if (limit != 0) all.push_back({QuotaState::Scope::Repository, name, used, limit});
    }
    return all;
  });
}

std::uint64_t UsageLedger::version() const {
  return state_.with([](const State& state) { return state.version; });
}

}  // namespace coffer::restic
