// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/command_settings.h"

#include "appliance/base/fault.h"
#include "config/problems.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace coffer::runtime {
namespace {

std::string namedDataDir(const SettingsInput& input) {
  std::string folder;
  if (const char* variable = std::getenv("COFFER_DATA_DIR")) folder = variable;
  for (const auto& flag : input.flags) {
    if (flag.path == "data_dir") folder = flag.text;
  }
  return folder;
}

bool exists(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

// 2 when the command line itself is wrong, as everywhere; else 1.
int exitCodeFor(const config::Problems& problems) {
  const auto all = problems.all();
  const bool isFlag = std::any_of(all.begin(), all.end(), [](const config::Problem& problem) {
    return problem.severity == config::Severity::Error && problem.place.starts_with("--");
  });
  return isFlag ? 2 : 1;
}

std::string orElse(const std::string& value, const std::string& fallback) {
  return value.empty() ? fallback : value;
}

}  // namespace

std::string configurationFile(const SettingsInput& input) {
  if (!input.file.empty()) return input.file;
  if (const char* variable = std::getenv(config::kConfigVariable); variable && *variable) {
    return variable;
  }
  const std::string folder = namedDataDir(input);
  if (const auto own = folder + "/coffer.yaml"; !folder.empty() && exists(own)) return own;
  const std::string system = "/etc/coffer/coffer.yaml";
  return exists(system) ? system : "";
}

config::Loaded loadWithProblems(const SettingsInput& input) {
  return config::load({configurationFile(input), config::processEnvironment(), input.flags});
}

config::Settings loadSettings(const SettingsInput& input) {
  config::Loaded loaded = loadWithProblems(input);
  const std::string text = config::render(loaded.problems);
  if (loaded.problems.hasErrors()) {
    throw UsageError(
        "the configuration cannot be used\n" + text.substr(0, text.find_last_not_of('\n') + 1),
        exitCodeFor(loaded.problems));
  }
  std::cerr << text;
  return std::move(loaded.settings);
}

std::string resticFolder(const config::Settings& settings) {
  return orElse(settings.restic.path, settings.dataDir + "/restic");
}

std::string htpasswdFile(const config::Settings& settings) {
  return orElse(settings.restic.htpasswdFile, resticFolder(settings) + "/.htpasswd");
}

std::string vaultDatabase(const config::Settings& settings) {
  return settings.dataDir + "/vault/db.sqlite3";
}

std::string webVaultFolder(const config::Settings& settings) {
  return orElse(settings.webVault.folder, settings.dataDir + "/web-vault");
}

}  // namespace coffer::runtime
