// SPDX-License-Identifier: BSD-2-Clause
//
// The vault for commands that work on it beside a running server: open, and serving nobody.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/outbound/poco_http_client.h"
#include "appliance/runtime/command_settings.h"
#include "appliance/runtime/service_options.h"
#include "services/vault/vault_service.h"
#include "storage/database/database.h"

namespace coffer::runtime {

struct OpenVault {
  explicit OpenVault(const config::Settings& settings)
      : database(vaultDatabase(settings)),
        service(database, clock, outbound, vaultOptions(settings)) {}

  const SystemClock clock;
  const outbound::PocoHttpClient outbound{"Coffer/" COFFER_VERSION};
  storage::Database database;
  vault::VaultService service;
};

}  // namespace coffer::runtime
