// SPDX-License-Identifier: BSD-2-Clause
//
// From the configured listeners to the HTTP core's: addresses, TLS contexts, mounts, and the
// sockets that systemd handed over.
#pragma once

#include "appliance/http/server.h"
#include "appliance/runtime/socket_activation.h"
#include "appliance/runtime/tls_contexts.h"
#include "config/settings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coffer::runtime {

using ServicesByName = std::map<std::string, const http::Service*>;

// One or more for each configured listener ("systemd" without a name takes every socket that none
// before it took). Throws UsageError: a service or a socket of that name does not exist. Sockets
// that no listener takes are closed, with a warning.
std::vector<http::ListenerOptions> resolveListeners(
    const std::vector<config::ListenerSettings>& configured, const ServicesByName& services,
    TlsContexts& tls, std::vector<InheritedSocket> inherited);

// The prefix of a service's first mount, "" for "/". Nothing when the listener does not have it.
std::optional<std::string> prefixOf(const std::vector<http::Mount>& mounts,
                                    const http::Service* service);

}  // namespace coffer::runtime
