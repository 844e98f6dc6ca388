// SPDX-License-Identifier: BSD-2-Clause
//
// What the load driver can do to a server. Every workload prepares first, then runs `connections`
// threads with one keep-alive connection each, and times from the first request to the last answer.
#pragma once

#include "tests/bench/load_client.h"

#include <cstdint>
#include <string>
#include <vector>

namespace coffer::bench {

struct Plan {
  Target target;
  std::string workload;
  std::string authorization;
  unsigned connections = 5;
  std::uint64_t count = 40;          // Requests in all.
  std::uint64_t size = 16ull << 20;  // Bytes of an object.
  std::string path;                  // For "get", "head", "list".
  std::string headers;               // Extra request headers, each ended by CR LF.
  std::uint64_t seed = 1;            // Uploads with another seed are other objects.
  std::vector<std::string> bodies;   // For "post": one a connection, in turn.
  std::uint64_t seconds = 0;         // Not 0: for so long instead of `count` requests.
  std::uint64_t pauseMillis = 0;     // Between an answer and the next request of a connection.
  bool wait = false;                 // Says "ready" once prepared and begins at the next line read.
};

struct Result {
  double seconds = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failures = 0;            // Answers that were not 2xx.
  std::vector<std::uint64_t> latencies;  // Nanoseconds, one a request.
};

// upload    POST <path>data/<sha256> of `size` bytes, `count` different objects
// download  GET the objects that an upload with the same seed stored, whole, by Range: bytes=0-
// get, head, post  the same path again and again
// idle      `connections` connections that each made one request, held open until the input ends
Result run(const Plan& plan);

}  // namespace coffer::bench
