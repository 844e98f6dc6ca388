// SPDX-License-Identifier: BSD-2-Clause
//
// Keeps count of what every repository holds while objects come and go, and enforces the quotas:
// for everything, for a user, for a repository. docs/decisions/0005-restic-quota.md has the
// reasons.
//
//   - An upload reserves its length before its first byte, so that five at once cannot pass the
//   gate
//     together and fail in the middle. One without a length reserves piece by piece.
//   - What is reserved becomes stored when the object is, and is given back when it is not.
//   - A user is charged for the repositories they own (RepositoryUsage::owner).
//   - Locks count, but may go kLockReserve beyond a limit: a full repository must still be locked
//   to
//     be pruned. The config is neither counted nor refused.
//
// Threads: safe from any thread; one short lock. Lifetime: reservations must not outlive the
// ledger.
#pragma once

#include "appliance/base/guarded.h"
#include "services/restic/usage.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer::restic {

struct QuotaLimits {  // Bytes. 0: no limit.
  std::uint64_t total = 0;
  std::uint64_t perUser = 0;
  std::uint64_t perRepository = 0;
  std::map<std::string, std::uint64_t> users{};         // Instead of perUser.
  std::map<std::string, std::uint64_t> repositories{};  // Instead of perRepository; "" is the root.

  std::uint64_t ofUser(const std::string& user) const;
  std::uint64_t ofRepository(const std::string& repository) const;
  [[nodiscard]] bool hasAny() const;
};

constexpr std::uint64_t kLockReserve = 1024 * 1024;

struct QuotaState {
  enum class Scope { Total, User, Repository };
  Scope scope = Scope::Total;
  std::string name;  // User or repository.
  std::uint64_t used = 0;
  std::uint64_t limit = 0;  // 0: no limit.
};

class UsageLedger {
 public:
  explicit UsageLedger(QuotaLimits limits) : limits_(std::move(limits)) {}

  // Room held for one upload. Destroyed before settle(), it gives the room back.
  class Reservation {
   public:
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation();

    // Takes `bytes` more. Throws InsufficientStorage, and then still holds what it held.
    void grow(std::uint64_t bytes);
    std::uint64_t bytes() const { return bytes_; }
    // The object is stored: the room is used, and the object counted.
    void settle(UnixMicros now);

   private:
    friend class UsageLedger;
    Reservation(UsageLedger& ledger, std::string repository, ObjectType type)
        : ledger_(&ledger), repository_(std::move(repository)), type_(type) {}

    UsageLedger* ledger_;
    std::string repository_;
    ObjectType type_;
    std::uint64_t bytes_ = 0;
  };

  // `owner` becomes the repository's if it has none yet. Throws InsufficientStorage.
  Reservation reserve(const std::string& repository, const std::string& owner, ObjectType type,
                      std::uint64_t bytes);

  void removed(const std::string& repository, ObjectType type, std::uint64_t bytes);
  // A repository that is known was used just now.
  void touched(const std::string& repository, UnixMicros now);
  void setNewestSnapshot(const std::string& repository, UnixMicros newest);
  UnixMicros newestSnapshot(const std::string& repository) const;

  // Lives around a change of the disk and its entry here, so that no count gets between the two.
  class Change {
   public:
    Change(UsageLedger& ledger, std::string repository);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    UsageLedger& ledger_;
    std::string repository_;
  };

  // Counting from the disk goes on beside the traffic: take the number of changes before, count,
  // and hand in both. Refused (false) when there were changes meanwhile. kChanging: one is going
  // on, and nothing counted from here on will be accepted.
  static constexpr std::uint64_t kChanging = UINT64_MAX;
  std::uint64_t changes(const std::string& repository) const;
  [[nodiscard]] bool correct(const std::string& repository, const RepositoryUsage& counted,
                             std::uint64_t changesBefore);
  // For a repository that never was quiet for the length of a count: raises what is known to what
  // was counted. It may then be too high by what was stored meanwhile, until a count is accepted.
  void raise(const std::string& repository, const RepositoryUsage& counted);
  [[nodiscard]] bool correctType(const std::string& repository, ObjectType type, TypeUsage counted,
                                 std::uint64_t changesBefore);
  void forget(const std::string& repository);

  void restore(const UsageByRepository& saved);  // At start, before any traffic.

  UsageByRepository repositories() const;
  std::uint64_t totalBytes() const;
  // Every scope that has a limit, and the total in any case.
  std::vector<QuotaState> quotas() const;
  std::uint64_t version() const;  // Grows with every change that is worth saving.
  const QuotaLimits& limits() const { return limits_; }

 private:
  struct Entry {
    RepositoryUsage usage;
    std::uint64_t pending = 0;  // Reserved, not yet stored.
    std::uint64_t changes = 0;
  };
  struct State {
    std::map<std::string, Entry> repositories;
    std::map<std::string, unsigned> changing;    // Number of Changes that live.
    std::map<std::string, std::uint64_t> users;  // Stored and pending, by owner.
    std::uint64_t total = 0;                     // Stored and pending.
    std::uint64_t version = 0;
  };

  void take(State& state, const std::string& repository, ObjectType type, std::uint64_t bytes);
  static void adopt(State& state, Entry& entry, const std::string& owner);
  static std::uint64_t changesOf(const State& state, const std::string& repository);
  static void setTypes(State& state, Entry& entry, const std::array<TypeUsage, kTypeCount>& types);
  static void charge(State& state, const Entry& entry, std::uint64_t bytes);
  static void credit(State& state, const Entry& entry, std::uint64_t bytes);
  void release(const std::string& repository, std::uint64_t bytes);
  void settle(const std::string& repository, ObjectType type, std::uint64_t bytes, UnixMicros now);

  const QuotaLimits limits_;
  Guarded<State> state_;
};

}  // namespace coffer::restic
