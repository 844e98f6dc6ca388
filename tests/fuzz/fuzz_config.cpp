// SPDX-License-Identifier: BSD-2-Clause
//
// The configuration file: every text is either settings or a list of problems with their places.
#include "config/problems.h"
#include "config/yaml_source.h"
#include "tests/fuzz/fuzz_input.h"

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  config::Problems problems;
  const auto node = config::parseYaml(fuzz::textOf(data, size), "coffer.yaml", problems);
  fuzz::require(node.has_value() || !problems.empty());
  return 0;
}
