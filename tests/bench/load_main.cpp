// SPDX-License-Identifier: BSD-2-Clause
//
// coffer_load URL WORKLOAD [name=value …]: puts one load on a server and prints what was seen as
// one line of JSON. scripts/bench runs it against each server in turn.
#include "appliance/base/bytes.h"
#include "tests/bench/load_workloads.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <signal.h>
#include <stdexcept>

using namespace coffer;

namespace {

std::uint64_t number(const std::string& text) {
  const auto value = parseByteSize(text);
  if (!value) throw std::runtime_error("not a number: " + text);
  return *value;
}

void apply(bench::Plan& plan, const std::string& argument) {
  const auto equals = argument.find('=');
  const std::string name = argument.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
  if (name == "user") {
    plan.authorization = "Basic " + toBase64(value);
  } else if (name == "bearer") {
    plan.authorization = "Bearer " + value;
  } else if (name == "connections") {
    plan.connections = static_cast<unsigned>(number(value));
  } else if (name == "count") {
    plan.count = number(value);
  } else if (name == "size") {
    plan.size = number(value);
  } else if (name == "seed") {
    plan.seed = number(value);
  } else if (name == "path") {
    plan.path = value;
  } else if (name == "body") {
    plan.bodies.push_back(value);
  } else if (name == "seconds") {
    plan.seconds = number(value);
  } else if (name == "pause") {
    plan.pauseMillis = number(value);
  } else if (name == "wait") {
    plan.wait = value == "yes";
  } else if (name == "header") {
    plan.headers += value + "\r\n";
  } else {
    throw std::runtime_error("unknown option " + name);
  }
}

double milliseconds(const std::vector<std::uint64_t>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at]) / 1e6;
}

void print(bench::Result result) {
  std::sort(result.latencies.begin(), result.latencies.end());
  std::printf(
      "{\"seconds\":%.6f,\"requests\":%llu,\"bytes\":%llu,\"failures\":%llu,\"p50_ms\":%.4f,"
      "\"p99_ms\":%.4f}\n",
      result.seconds, static_cast<unsigned long long>(result.requests),
      static_cast<unsigned long long>(result.bytes),
      static_cast<unsigned long long>(result.failures), milliseconds(result.latencies, 0.5),
      milliseconds(result.latencies, 0.99));
}

void allowManyDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::cerr
        << "usage: coffer_load URL upload|download|get|head|post|idle [connections=5]\n"
           "       [count=40 | seconds=N] [pause=MILLISECONDS] [size=16MiB] [path=/] [body=TEXT]\n"
           "       [user=NAME:PASSWORD] [bearer=TOKEN] [header=F: V] [wait=yes]\n";
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  allowManyDescriptors();
  bench::Plan plan;
  plan.target = bench::Target::parse(argv[1]);
  plan.workload = argv[2];
  for (int i = 3; i < argc; ++i) apply(plan, argv[i]);
  bench::Result result = bench::run(plan);
  const bool failed = result.failures != 0;
  print(std::move(result));
  return failed ? 1 : 0;
} catch (const std::exception& problem) {
  std::cerr << "coffer_load: " << problem.what() << '\n';
  return 2;
}
