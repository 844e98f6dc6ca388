// SPDX-License-Identifier: BSD-2-Clause
//
// The settings that a command works with: file, environment and flags together.
#pragma once

#include "config/load.h"

#include <string>
#include <vector>

namespace coffer::runtime {

struct SettingsInput {
  std::string file;  // --config; empty: looked for.
  std::vector<config::FlagValue> flags;
};

// The file that is read: --config, else $COFFER_CONFIG, else coffer.yaml in the data folder that a
// flag or variable names, else /etc/coffer/coffer.yaml; the last two only where they exist. Empty:
// none.
std::string configurationFile(const SettingsInput& input);

config::Loaded loadWithProblems(const SettingsInput& input);

// Prints warnings to standard error. Throws UsageError that lists everything that is wrong.
config::Settings loadSettings(const SettingsInput& input);

std::string resticFolder(const config::Settings& settings);
std::string htpasswdFile(const config::Settings& settings);
std::string vaultDatabase(const config::Settings& settings);
std::string webVaultFolder(const config::Settings& settings);

}  // namespace coffer::runtime
