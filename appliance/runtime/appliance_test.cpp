// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/appliance.h"

#include "appliance/base/fault.h"
#include "appliance/runtime/probe.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using namespace coffer;
using namespace coffer::runtime;
using namespace std::chrono_literals;
using coffer::tests::TempFolder;

namespace {

config::ListenerSettings listener(const std::string& address, config::TlsMode tls) {
  config::ListenerSettings settings;
  settings.address = address;
  settings.tls.mode = tls;
  settings.mounts = config::defaultMounts();
  return settings;
}

config::Settings settingsOver(const TempFolder& folder) {
  config::Settings settings;
  settings.dataDir = folder.path() + "/data";
  settings.log.level = log::Level::Warning;
  settings.vault.passwordIterations = 100'000;
  return settings;
}

int statusOf(const std::string& url, const std::string& path, const std::string& trust = "") {
  ProbeTarget target = parseProbeUrl(url);
  target.path = path;
  target.trustFile = trust;
  return probe(target, 10s).status;
}

}  // namespace

TEST_CASE("every service answers on plain, encrypted and Unix listeners of one process") {
  const TempFolder folder;
  config::Settings settings = settingsOver(folder);
  settings.listeners = {listener("127.0.0.1:0", config::TlsMode::Off),
                        listener("127.0.0.1:0", config::TlsMode::Auto),
                        listener("unix:" + folder.path() + "/socket", config::TlsMode::Off)};
  Appliance appliance(settings, Persona::Coffer, {});
  appliance.prepare();
  appliance.start();
  REQUIRE(appliance.listeners().size() == 3);
  const std::string ca = settings.dataDir + "/tls/ca.pem";
  for (const auto& bound : appliance.listeners()) {
    CAPTURE(bound.url);
    const std::string trust = bound.url.starts_with("https:") ? ca : "";
    CHECK(statusOf(bound.url, "/healthz", trust) == 200);
    CHECK(statusOf(bound.url, "/healthz/ready", trust) == 200);
    CHECK(statusOf(bound.url, "/metrics", trust) == 200);
    CHECK(statusOf(bound.url, "/api/config", trust) == 200);
    CHECK(statusOf(bound.url, "/api/sync", trust) == 401);
    CHECK(statusOf(bound.url, "/restic/x/config", trust) == 401);
  }

  const auto steps = appliance.firstSteps("coffer");
  CHECK(steps.needsVaultAccount);
  CHECK(steps.needsResticUser);
  CHECK(steps.vaultUrl.starts_with("https://127.0.0.1:"));  // Encrypted goes before plain.
  CHECK(steps.resticUrl.ends_with("/restic/"));
  appliance.reload();
  CHECK(statusOf(appliance.listeners()[1].url, "/healthz", ca) == 200);
  const std::string url = appliance.listeners()[0].url;
  appliance.stop();
  CHECK(statusOf(url, "/healthz") == 0);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/socket"));
}

TEST_CASE("what no listener mounts is not opened") {
  const TempFolder folder;
  config::Settings settings = settingsOver(folder);
  settings.listeners = {listener("127.0.0.1:0", config::TlsMode::Off)};
  settings.listeners[0].mounts = {{"/", "restic", {}}};
  Appliance appliance(settings, Persona::Coffer, {});
  appliance.prepare();
  appliance.start();
  CHECK(statusOf(appliance.listeners()[0].url, "/x/config") == 401);
  appliance.stop();
  CHECK_FALSE(std::filesystem::exists(settings.dataDir + "/vault"));
  CHECK_FALSE(std::filesystem::exists(settings.dataDir + "/tls"));
}

TEST_CASE("in place of rest-server only /metrics itself is the metrics, and only when asked for") {
  const TempFolder folder;
  config::Settings settings = settingsOver(folder);
  settings.restic.auth = config::ResticAuth::Off;
  settings.metrics.access = config::MetricsAccess::Anyone;
  settings.listeners = {listener("127.0.0.1:0", config::TlsMode::Off)};
  settings.listeners[0].mounts = {{"/", "restic", {}}};
  // A repository of that name is not hidden.
  std::filesystem::create_directories(settings.dataDir + "/restic/metrics");
  std::ofstream(settings.dataDir + "/restic/metrics/config") << "anything";
  for (const auto& [persona, status] :
       {std::pair(Persona::RestServer, 404), std::pair(Persona::RestServerWithMetrics, 200)}) {
    Appliance appliance(settings, persona, {});
    appliance.prepare();
    appliance.start();
    const std::string url = appliance.listeners()[0].url;
    CHECK(statusOf(url, "/metrics") == status);
    CHECK(statusOf(url, "/metrics/config") == 200);
    appliance.stop();
  }
}

TEST_CASE("what its owner can put right is refused before anything is served") {
  const TempFolder folder;
  config::Settings settings = settingsOver(folder);
  settings.listeners = {listener("127.0.0.1:0", config::TlsMode::Off)};
  SUBCASE("a certificate that is not there") {
    settings.listeners[0].tls = {
        config::TlsMode::Files,   "/nonexistent", "/nonexistent", "", false,
        config::TlsVersion::Tls12};
  }
  SUBCASE("a service that is not there") { settings.listeners[0].mounts = {{"/", "gopher", {}}}; }
  SUBCASE("a socket that systemd did not hand over") { settings.listeners[0].address = "systemd"; }
  SUBCASE("restic's users may read the metrics, but there is no restic") {
    settings.listeners[0].mounts = {{"/metrics", "metrics", {}}};
    settings.metrics.access = config::MetricsAccess::Users;
  }
  CHECK_THROWS_AS(Appliance(settings, Persona::Coffer, {}), UsageError);
}
