// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/listeners.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "config/address.h"

#include <algorithm>

namespace coffer::runtime {
namespace {

using Address = config::Address;

http::Mount resolveMount(const config::MountSettings& mount, const ServicesByName& services) {
  const auto found = services.find(mount.service);
  if (found == services.end()) {
    throw UsageError("mount " + mount.prefix + ": there is no service \"" + mount.service + "\"");
  }
  const std::string prefix = mount.prefix == "/" ? "" : mount.prefix;
  return {std::make_shared<http::MountPoint>(http::MountPoint{prefix, mount.options}),
          found->second};
}

Address parsed(const std::string& text) {
  const auto address = config::parseAddress(text);
  if (!address) throw UsageError("\"" + text + "\" is not an address to listen on");
  return *address;
}

// Takes out the sockets that the address asks for.
std::vector<UniqueFd> takeSockets(std::vector<InheritedSocket>& inherited,
                                  const std::string& name) {
  std::vector<UniqueFd> taken;
  for (InheritedSocket& socket : inherited) {
    if (!socket.socket || (!name.empty() && socket.name != name)) continue;
    taken.push_back(std::move(socket.socket));
  }
  if (taken.empty()) {
    throw UsageError(name.empty() ? "systemd handed over no socket"
                                  : "systemd handed over no socket called \"" + name + "\"");
  }
  return taken;
}

http::Endpoint endpointOf(const Address& address, unsigned socketMode) {
  http::Endpoint endpoint;
  endpoint.host = address.host;
  endpoint.port = address.port;
  endpoint.unixPath = address.path;
  endpoint.unixMode = socketMode;
  return endpoint;
}

std::vector<http::Endpoint> endpointsOf(const config::ListenerSettings& listener,
                                        std::vector<InheritedSocket>& inherited) {
  const Address address = parsed(listener.address);
  std::vector<http::Endpoint> endpoints;
  if (address.kind != Address::Kind::Systemd) {
    endpoints.push_back(endpointOf(address, listener.socketMode));
    return endpoints;
  }
  for (UniqueFd& socket : takeSockets(inherited, address.name)) {
    endpoints.emplace_back().inherited = std::move(socket);
  }
  return endpoints;
}

}  // namespace

std::vector<http::ListenerOptions> resolveListeners(
    const std::vector<config::ListenerSettings>& configured, const ServicesByName& services,
    TlsContexts& tls, std::vector<InheritedSocket> inherited) {
  std::vector<http::ListenerOptions> resolved;
  for (const config::ListenerSettings& listener : configured) {
    std::vector<http::Mount> mounts;
    for (const auto& mount : listener.mounts) mounts.push_back(resolveMount(mount, services));
    for (http::Endpoint& endpoint : endpointsOf(listener, inherited)) {
      resolved.push_back({std::move(endpoint), tls.contextFor(listener.tls), mounts});
    }
  }
  for (const InheritedSocket& socket : inherited) {
    if (!socket.socket) continue;
    log::warning("runtime", "no listener takes a socket that systemd handed over",
                 {{"name", socket.name}});
  }
  return resolved;
}

std::optional<std::string> prefixOf(const std::vector<http::Mount>& mounts,
                                    const http::Service* service) {
  const auto found = std::find_if(mounts.begin(), mounts.end(),
                                  [&](const auto& mount) { return mount.service == service; });
  if (found == mounts.end()) return std::nullopt;
  return found->point->prefix;
}

}  // namespace coffer::runtime
