// SPDX-License-Identifier: BSD-2-Clause
//
// Fills the settings: defaults, then the YAML file, then the environment, then flags; later wins.
// It remembers where each value came from, and reports everything that is wrong at once.
#pragma once

#include "config/problems.h"
#include "config/settings.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::config {

// By path: "coffer.yaml:12", "COFFER_RESTIC_MAX_SIZE", "--restic-max-size". A path that is absent
// has its default. Listeners also by number: "listeners[0]".
using Sources = std::map<std::string, std::string>;

// A flag as it was given: the path of FieldDescription, and its text; "true" for a switch without
// one. For a secret the text names the file. Lists and maps grow with every flag.
struct FlagValue {
  std::string path;
  std::string text;
};

struct LoadInput {
  std::string file;  // Empty: none is read.
  std::map<std::string, std::string>
      environment;  // Only names with COFFER_ in front are looked at.
  std::vector<FlagValue> flags;
};

struct Loaded {
  Settings settings;  // Only to be used when there is no error among the problems.
  Sources sources;
  Problems problems;
};

// Throws nothing for what a user wrote: it is in `problems`. check.h has been asked as well.
Loaded load(const LoadInput& input);

// The settings that a file's text alone makes, unchecked. For tests and for the fuzzer.
Settings loadYaml(std::string_view text, Problems& problems);

// This process's own variables.
std::map<std::string, std::string> processEnvironment();

// Variables that configure the program and are no settings: "COFFER_CONFIG" names the file.
constexpr const char* kConfigVariable = "COFFER_CONFIG";

}  // namespace coffer::config
