// SPDX-License-Identifier: BSD-2-Clause
//
// The configuration file: every text is either settings or a list of problems with their places,
// and settings that are shown can be loaded again and mean the same.
#include "config/check.h"
#include "config/load.h"
#include "config/print.h"
#include "config/yaml_source.h"
#include "tests/fuzz/fuzz_input.h"

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::textOf(data, size);
  config::Problems problems;
  const auto node = config::parseYaml(text, "coffer.yaml", problems);
  fuzz::require(node.has_value() == problems.empty());

  config::Problems loading;
  const config::Settings settings = config::loadYaml(text, loading);
  if (!loading.empty()) return 0;
  config::check(settings, {}, loading);

  const std::string shown = config::showSettings(settings, {});
  config::Problems again;
  const config::Settings reloaded = config::loadYaml(shown, again);
  fuzz::require(again.empty());
  fuzz::require(config::showSettings(reloaded, {}) == shown);
  return 0;
}
