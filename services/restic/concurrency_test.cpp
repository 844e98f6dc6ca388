// SPDX-License-Identifier: BSD-2-Clause
//
// Everything at once, for the thread sanitizer and for what must hold whoever comes first.
#include "services/restic/service_harness.h"

#include <doctest/doctest.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <thread>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

TEST_CASE("clients, upkeep, scrapes and reloads go on side by side") {
  ResticOptions options;
  options.quota.total = 1'000'000'000;
  options.saveInterval = std::chrono::seconds(1);
  Harness server(options, "bob:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n");
  server.service().start();
  const std::pair<std::string, std::string> login{"Authorization", basic("bob", "right")};
  std::atomic<bool> done{false};
  std::atomic<int> unexpected{0};
  const auto expect = [&](const Answer& answer, int status) {
    if (answer.status != status) ++unexpected;
  };

  std::vector<std::thread> clients;
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        // Every other object is stored by all clients at once.
        const std::string body =
            "object " + std::to_string(i) + (i % 2 == 0 ? " of all" : " of " + std::to_string(t));
        const std::string target = "/bob/data/" + idOf(body);
        expect(
            server.ask(
                {.method = http::Method::Post, .target = target, .headers = {login}, .body = body}),
            200);
        expect(server.ask({.target = target, .headers = {login}}), 200);
        expect(server.ask({.target = "/bob/data/", .headers = {login}}), 200);
        const std::string lock = "/bob/locks/" + idOf(body + std::to_string(t));
        expect(server.ask({.method = http::Method::Post,
                           .target = lock,
                           .headers = {login},
                           .body = body + std::to_string(t)}),
               200);
        expect(server.ask({.method = http::Method::Delete, .target = lock, .headers = {login}}),
               200);
      }
    });
  }
  std::thread watcher([&] {
    while (!done) {
      (void)server.service().metrics()->Collect();
      (void)server.service().quotas();
      server.service().reload();
      (void)server.service().sweep();
    }
  });
  for (auto& client : clients) client.join();
  done = true;
  watcher.join();
  server.service().stop();
  CHECK(unexpected == 0);
  const auto usage = server.service().usage().at("bob");
  CHECK(usage.types[indexOf(ObjectType::Data)].objects == 13 + 4 * 12);
  CHECK(usage.types[indexOf(ObjectType::Locks)].bytes == 0);
}
