// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/probe.h"
#include "config/address.h"

#include <algorithm>
#include <iostream>

namespace coffer::runtime {
namespace {

const config::MountSettings* healthMount(const config::ListenerSettings& listener) {
  const auto found = std::find_if(listener.mounts.begin(), listener.mounts.end(),
                                  [](const auto& mount) { return mount.service == "health"; });
  return found == listener.mounts.end() ? nullptr : &*found;
}

// What proves that the answer comes from this server and not from another one on its port.
std::string trustFile(const config::Settings& settings, const config::ListenerTls& tls) {
  if (tls.mode == config::TlsMode::Files) return tls.certificate;
  return settings.dataDir + "/tls/ca.pem";
}

// The first configured listener that has the health service and an address to connect to.
ProbeTarget targetFrom(const config::Settings& settings) {
  for (const config::ListenerSettings& listener : settings.listeners) {
    const auto* mount = healthMount(listener);
    const auto address = config::parseAddress(listener.address);
    if (!mount || !address || address->kind == config::Address::Kind::Systemd) continue;
    const bool isTcp = address->kind == config::Address::Kind::Tcp;
    if (isTcp && address->port == 0) continue;
    ProbeTarget target;
    target.host = address->host;
    target.port = std::to_string(address->port);
    target.unixPath = address->path;
    target.tls = listener.tls.mode != config::TlsMode::Off;
    if (target.tls) target.trustFile = trustFile(settings, listener.tls);
    target.path = (mount->prefix == "/" ? "" : mount->prefix) + "/ready";
    return target;
  }
  throw UsageError("no configured listener can be asked: give --url");
}

}  // namespace

int healthcheck(const SettingsInput& input, const HealthcheckOptions& options) {
  const config::Settings settings = loadSettings(input);
  ProbeTarget target;
  if (options.url.empty()) {
    target = targetFrom(settings);
  } else {
    target = parseProbeUrl(options.url);
    if (target.tls) target.trustFile = settings.dataDir + "/tls/ca.pem";
  }
  const ProbeResult result = probe(target, options.timeout);
  if (result.status == 200) {
    std::cout << "healthy\n";
    return 0;
  }
  std::cerr << "unhealthy: "
            << (result.status == 0 ? result.error : "status " + std::to_string(result.status))
            << "\n";
  return 1;
}

}  // namespace coffer::runtime
