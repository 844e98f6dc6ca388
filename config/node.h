// SPDX-License-Identifier: BSD-2-Clause
//
// A value as it was written, before it is known what it should be: the common form of the YAML
// file, an environment variable and a flag.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace coffer::config {

struct Node {
  enum class Kind { Null, Scalar, List, Map };

  Kind kind = Kind::Null;
  std::string text;               // Scalar.
  std::vector<std::string> keys;  // Map: the key of each item.
  std::vector<Node> items;        // List and Map.
  int line = 0;                   // In the file, from 1; 0: not from a file.

  static Node scalar(std::string text) {
    Node node;
    node.kind = Kind::Scalar;
    node.text = std::move(text);
    return node;
  }
  static Node list() {
    Node node;
    node.kind = Kind::List;
    return node;
  }
  static Node map() {
    Node node;
    node.kind = Kind::Map;
    return node;
  }
  void add(std::string key, Node value) {
    keys.push_back(std::move(key));
    items.push_back(std::move(value));
  }
};

}  // namespace coffer::config
