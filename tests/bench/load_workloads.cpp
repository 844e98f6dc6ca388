// SPDX-License-Identifier: BSD-2-Clause
#include "tests/bench/load_workloads.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace coffer::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// One object's content: pseudo-random and different for each number, so that nothing is
// deduplicated. Only the first bytes differ: making the content must not be what takes the time.
class Objects {
 public:
  Objects(std::uint64_t size, std::uint64_t seed) : base_(size, '\0'), seed_(seed) {
    std::uint64_t state = 0x9E3779B97F4A7C15ull;
    for (char& c : base_) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      c = static_cast<char>(state);
    }
  }

  std::string content(std::uint64_t number) const {
    std::string bytes = base_;
    const std::string mark = std::to_string(seed_) + "/" + std::to_string(number);
    std::memcpy(bytes.data(), mark.data(), std::min(mark.size(), bytes.size()));
    return bytes;
  }

  std::vector<std::string> names(std::uint64_t count) const {
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < count; ++i) names.push_back(toHex(sha256(content(i))));
    return names;
  }

 private:
  std::string base_;
  std::uint64_t seed_;
};

using Work = std::function<Reply(Client&, std::uint64_t number)>;

void waitForStart(const Plan& plan) {
  if (!plan.wait) return;
  std::cout << "ready" << std::endl;
  std::string line;
  std::getline(std::cin, line);
}

Result runThreads(const Plan& plan, const Work& work) {
  Result result;
  std::mutex mutex;
  std::atomic<std::uint64_t> next{0};
  std::vector<std::unique_ptr<Client>> clients;
  for (unsigned i = 0; i < plan.connections; ++i) {
    clients.push_back(std::make_unique<Client>(plan.target, plan.authorization));
  }
  waitForStart(plan);
  const auto begin = SteadyClock::now();
  const auto end = begin + std::chrono::seconds(plan.seconds);
  const auto goesOn = [&](std::uint64_t number) {
    return plan.seconds == 0 ? number < plan.count : SteadyClock::now() < end;
  };
  std::vector<std::thread> threads;
  for (auto& client : clients) {
    threads.emplace_back([&, own = client.get()] {
      Result mine;
      try {
        for (std::uint64_t number = next++; goesOn(number); number = next++) {
          const auto started = SteadyClock::now();
          const Reply reply = work(*own, number);
          mine.latencies.push_back(
              static_cast<std::uint64_t>((SteadyClock::now() - started).count()));
          ++mine.requests;
          mine.bytes += reply.bodyBytes;
          if (reply.status < 200 || reply.status > 299) ++mine.failures;
          if (plan.pauseMillis != 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(plan.pauseMillis));
        }
      } catch (const std::exception& problem) {
        std::cerr << "coffer_load: " << problem.what() << '\n';
        ++mine.failures;
      }
      std::lock_guard lock(mutex);
      result.requests += mine.requests;
      result.bytes += mine.bytes;
      result.failures += mine.failures;
      result.latencies.insert(result.latencies.end(), mine.latencies.begin(), mine.latencies.end());
    });
  }
  for (auto& thread : threads) thread.join();
  result.seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  return result;
}

Result upload(const Plan& plan) {
  const Objects objects(plan.size, plan.seed);
  const auto names = objects.names(plan.count);
  Result result = runThreads(plan, [&](Client& client, std::uint64_t number) {
    return client.request("POST", plan.path + "data/" + names[number], plan.headers,
                          objects.content(number));
  });
  result.bytes = (result.requests - std::min(result.failures, result.requests)) * plan.size;
  return result;
}

Result download(const Plan& plan) {
  const auto names = Objects(plan.size, plan.seed).names(plan.count);
  return runThreads(plan, [&](Client& client, std::uint64_t number) {
    return client.request("GET", plan.path + "data/" + names[number], "Range: bytes=0-\r\n", "");
  });
}

Result repeat(const Plan& plan, std::string_view method) {
  return runThreads(plan, [&](Client& client, std::uint64_t) {
    return client.request(method, plan.path, plan.headers, "");
  });
}

Result post(const Plan& plan) {
  if (plan.bodies.empty()) throw std::runtime_error("post needs a body");
  // A body stays with its connection: the requests of one client follow each other.
  std::mutex mutex;
  std::map<const Client*, std::string_view> bodies;
  return runThreads(plan, [&](Client& client, std::uint64_t) {
    std::string_view body;
    {
      std::lock_guard lock(mutex);
      body = bodies.try_emplace(&client, plan.bodies[bodies.size() % plan.bodies.size()])
                 .first->second;
    }
    return client.request("POST", plan.path, plan.headers, body);
  });
}

Result idle(const Plan& plan) {
  std::vector<std::unique_ptr<Client>> clients;
  Result result;
  for (unsigned i = 0; i < plan.connections; ++i) {
    clients.push_back(std::make_unique<Client>(plan.target, plan.authorization));
    const Reply reply = clients.back()->request("GET", plan.path, plan.headers, "");
    ++result.requests;
    if (reply.status < 200 || reply.status > 299) ++result.failures;
  }
  std::cout << "holding " << clients.size() << std::endl;
  std::string line;
  std::getline(std::cin, line);
  return result;
}

}  // namespace

Result run(const Plan& plan) {
  if (plan.workload == "upload") return upload(plan);
  if (plan.workload == "download") return download(plan);
  if (plan.workload == "get") return repeat(plan, "GET");
  if (plan.workload == "head") return repeat(plan, "HEAD");
  if (plan.workload == "post") return post(plan);
  if (plan.workload == "idle") return idle(plan);
  throw std::runtime_error("unknown workload " + plan.workload);
}

}  // namespace coffer::bench
