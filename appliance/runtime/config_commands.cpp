// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/commands.h"
#include "config/print.h"
#include "config/problems.h"

#include <iostream>

namespace coffer::runtime {

int configCheck(const SettingsInput& input) {
  const auto loaded = loadWithProblems(input);
  std::cerr << config::render(loaded.problems);
  if (loaded.problems.hasErrors()) return 1;
  const std::string file = configurationFile(input);
  std::cout << "the configuration is good" << (file.empty() ? "" : ": " + file) << "\n";
  return 0;
}

int configShow(const SettingsInput& input) {
  const auto loaded = loadWithProblems(input);
  std::cerr << config::render(loaded.problems);
  if (loaded.problems.hasErrors()) return 1;
  std::cout << config::showSettings(loaded.settings, loaded.sources);
  return 0;
}

int configReference(bool sample) {
  std::cout << (sample ? config::sampleFile() : config::referencePage());
  return 0;
}

}  // namespace coffer::runtime
