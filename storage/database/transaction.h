// SPDX-License-Identifier: BSD-2-Clause
//
// What Database hands to a piece of work: an open transaction. Stores are constructed from it and
// there is no other way to get one, so everything a piece of work does is atomic.
// Lifetime: the call of the work. Threads: only the thread that runs the work.
#pragma once

namespace coffer::storage {

class Connection;

class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Connection& connection() { return connection_; }

 private:
  friend class Database;
  friend class Writer;
  explicit Transaction(Connection& connection) : connection_(connection) {}

  Connection& connection_;
};

}  // namespace coffer::storage
