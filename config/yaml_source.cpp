// SPDX-License-Identifier: BSD-2-Clause
#include "config/yaml_source.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace coffer::config {
namespace {

constexpr std::size_t kDeepest = 16;

// What is wrong with text that yaml-cpp itself accepts.
struct NotOurs {
  int line;
  std::string text;
};

// Builds the tree from the parser's events. Containers under construction are on a stack; a map's
// key waits there until its value comes.
class TreeBuilder final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuseAnchor(mark, anchor);
    put(Node{}, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw NotOurs{mark.line + 1, "aliases (*name) cannot be used here"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    refuseAnchor(mark, anchor);
    put(Node::scalar(value), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuseAnchor(mark, anchor);
    open(Node::list(), mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuseAnchor(mark, anchor);
    open(Node::map(), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  Node root;

 private:
  struct Level {
    Node node;
    std::string key;
    bool hasKey = false;
  };

  static void refuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw NotOurs{mark.line + 1, "anchors (&name) cannot be used here"};
  }

  void open(Node node, const YAML::Mark& mark) {
    if (stack_.size() >= kDeepest) throw NotOurs{mark.line + 1, "is nested too deeply"};
    if (wantsKey()) throw NotOurs{mark.line + 1, "a key must be a word"};
    node.line = mark.line + 1;
    stack_.push_back({std::move(node), {}, false});
  }

  void close() {
    Node done = std::move(stack_.back().node);
    stack_.pop_back();
    attach(std::move(done));
  }

  void put(Node node, const YAML::Mark& mark) {
    node.line = mark.line + 1;
    if (!wantsKey()) return attach(std::move(node));
    if (node.kind != Node::Kind::Scalar) throw NotOurs{node.line, "a key must be a word"};
    Level& level = stack_.back();
    const auto& keys = level.node.keys;
    if (std::find(keys.begin(), keys.end(), node.text) != keys.end()) {
      throw NotOurs{node.line, "\"" + log::escaped(node.text.substr(0, 80)) + "\" is given twice"};
    }
    level.key = std::move(node.text);
    level.hasKey = true;
  }

  void attach(Node node) {
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Level& level = stack_.back();
    if (level.node.kind == Node::Kind::List) {
      level.node.items.push_back(std::move(node));
      return;
    }
    level.node.add(std::move(level.key), std::move(node));
    level.hasKey = false;
  }

  bool wantsKey() const {
    return !stack_.empty() && stack_.back().node.kind == Node::Kind::Map && !stack_.back().hasKey;
  }

  std::vector<Level> stack_;
};

std::string at(const std::string& source, int line) {
  return line > 0 ? source + ':' + std::to_string(line) : source;
}

// A word that YAML 1.1 or 1.2 would read as something other than text.
bool isSpecialWord(std::string_view text) {
  constexpr std::array<std::string_view, 4> words = {"~", "null", "Null", "NULL"};
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

std::optional<Node> parseYaml(std::string_view text, const std::string& source,
                              Problems& problems) {
  const auto refuse = [&](int line, const std::string& what) {
    problems.add({Severity::Error, at(source, line), "", what});
    return std::nullopt;
  };
  if (text.size() > kLargestFile) return refuse(0, "is larger than 1 MiB");
  if (!isUtf8(text) || text.find('\0') != std::string_view::npos) {
    return refuse(0, "is not text in UTF-8");
  }
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Node root = std::move(builder.root);
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) return refuse(0, "holds more than one document");
    if (root.kind == Node::Kind::Null) return Node::map();
    if (root.kind != Node::Kind::Map) return refuse(root.line, "must be a map of settings");
    return root;
  } catch (const NotOurs& error) {
    return refuse(error.line, error.text);
  } catch (const YAML::Exception& error) {
    return refuse(error.mark.line + 1, "is not valid YAML: " + log::escaped(error.msg));
  }
}

std::string quoteYaml(std::string_view text) {
  constexpr std::string_view safe =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-";
  const bool bare = !text.empty() && text.find_first_not_of(safe) == std::string_view::npos &&
                    text.front() != '-' && !isSpecialWord(text);
  if (bare) return std::string(text);
  // A size or duration reads better without quotes, and an address has a colon inside.
  const bool spaced = !text.empty() && text.front() >= '0' && text.front() <= '9' &&
                      text.back() != ' ' && text.back() != ':' &&
                      text.find(": ") == std::string_view::npos &&
                      text.find_first_not_of(std::string(safe) + " :") == std::string_view::npos;
  if (spaced) return std::string(text);
  return '"' + log::escaped(text) + '"';
}

std::string renderYaml(const Node& node, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const bool isList = node.kind == Node::Kind::List;
    const std::string head = margin + (isList ? "-" : quoteYaml(node.keys[i]) + ':');
    if (item.kind == Node::Kind::Scalar) {
      out += head + ' ' + quoteYaml(item.text) + '\n';
    } else if (item.items.empty()) {
      out += head + (item.kind == Node::Kind::Map ? " {}\n" : " []\n");
    } else if (isList) {
      // The first line of the item stands beside the dash.
      out += head + ' ' + renderYaml(item, indent + 2).substr(indent + 2);
    } else {
      out += head + '\n' + renderYaml(item, indent + 2);
    }
  }
  return out;
}

}  // namespace coffer::config
