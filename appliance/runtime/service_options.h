// SPDX-License-Identifier: BSD-2-Clause
//
// From the settings, which only the runtime sees whole, to the few values that each part is handed.
#pragma once

#include "appliance/base/log.h"
#include "appliance/http/server.h"
#include "config/settings.h"
#include "services/restic/restic_options.h"
#include "services/vault/vault_options.h"

namespace coffer::runtime {

log::Options logOptions(const config::LogSettings& settings);
http::ServerOptions serverOptions(const config::HttpSettings& settings);
vault::VaultOptions vaultOptions(const config::Settings& settings);
// `asRestServer`: a missing password file is an error, and a header that names the user is believed
// from whoever sends it, both as rest-server has it.
restic::ResticOptions resticOptions(const config::Settings& settings, bool asRestServer);

}  // namespace coffer::runtime
