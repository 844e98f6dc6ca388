// SPDX-License-Identifier: BSD-2-Clause
#include "config/settings.h"

namespace coffer::config {

std::vector<MountSettings> defaultMounts() {
  return {{"/", "vault", {}},
          {"/restic", "restic", {}},
          {"/metrics", "metrics", {}},
          {"/healthz", "health", {}}};
}

std::vector<ListenerSettings> Settings::defaultListeners() {
  ListenerSettings listener;
  listener.address = "0.0.0.0:8443";
  listener.mounts = defaultMounts();
  return {listener};
}

}  // namespace coffer::config
