// SPDX-License-Identifier: BSD-2-Clause
//
// YAML text as a Node with line numbers. One document; no anchors and aliases, so that the tree is
// never larger than the text; keys are plain words and appear once.
#pragma once

#include "config/node.h"
#include "config/problems.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::config {

constexpr std::size_t kLargestFile = 1024 * 1024;  // Bytes.

// Nothing when the text is not YAML or not such YAML; `source` names it in the problem. An empty
// text is an empty map.
std::optional<Node> parseYaml(std::string_view text, const std::string& source, Problems& problems);

// The text of a scalar as YAML: bare where that is safe, else in double quotes.
std::string quoteYaml(std::string_view text);

// A map or list as block YAML, `indent` spaces in, every line ended.
std::string renderYaml(const Node& node, std::size_t indent);

}  // namespace coffer::config
