// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/connection_registry.h"

#include "appliance/http/connection.h"

#include <doctest/doctest.h>

#include <sys/resource.h>

using namespace coffer::http;

namespace {

// Descriptors that this process may have, put back afterwards.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit now = before_;
    now.rlim_cur = limit;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &now) == 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::size_t roomFor(const ServerOptions& options) {
  ServerMetrics metrics;
  Poller poller;
  ConnectionRegistry registry(options, metrics, poller);
  std::size_t count = 0;
  while (count < 20'000 && !registry.reserve(Peer{})) ++count;
  return count;
}

}  // namespace

TEST_CASE("connections never take the descriptors that their requests need") {
  ServerOptions options;
  options.maxConnections = 10'000;
  const DescriptorLimit limit(400);
  CHECK(roomFor(options) == 300);
  options.maxConnections = 50;
  CHECK(roomFor(options) == 50);
}
