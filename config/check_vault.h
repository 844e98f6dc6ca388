// SPDX-License-Identifier: BSD-2-Clause
//
// The part of check() that concerns the vault and what it needs.
#pragma once

#include "config/settings.h"

#include <functional>
#include <string>

namespace coffer::config {

struct VaultCheck {
  const Settings& settings;
  std::function<void(const std::string& path, const std::string& text)> error;
  std::function<void(const std::string& path, const std::string& text)> warning;
  bool isExposed = false;  // Reached from other machines.
};

void checkVault(const VaultCheck& check);

}  // namespace coffer::config
