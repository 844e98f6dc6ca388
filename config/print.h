// SPDX-License-Identifier: BSD-2-Clause
//
// What can be printed about settings; secrets never are.
#pragma once

#include "config/load.h"

#include <string>

namespace coffer::config {

// YAML that load() reads back to the same settings, each with where it came from as a comment.
// A secret is "***".
std::string showSettings(const Settings& settings, const Sources& sources);

// docs/reference/settings.md.
std::string referencePage();

// A file with every setting at its default, commented out and explained.
std::string sampleFile();

}  // namespace coffer::config
