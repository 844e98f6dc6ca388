// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/router.h"

#include "appliance/http/characters.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

namespace coffer::http {
namespace {

struct Row {
  const Route* route;
  std::vector<std::string> names;  // Of the parameters, in order.
};

using Rows = std::vector<Row>;  // At most one per method, in the order of the table.

const Row* rowFor(const Rows& rows, Method method) {
  const auto found = std::find_if(
      rows.begin(), rows.end(), [method](const Row& row) { return row.route->method() == method; });
  return found == rows.end() ? nullptr : &*found;
}

void appendAllowed(const Rows& rows, std::vector<std::string_view>& allowed) {
  const auto add = [&allowed](Method method) {
    const auto name = nameOf(method);
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) allowed.push_back(name);
  };
  for (const auto& row : rows) {
    add(row.route->method());
    if (row.route->method() == Method::Get) add(Method::Head);
  }
}

[[noreturn]] void refusePattern(const Route& route, const std::string& why) {
  throw std::logic_error("route " + std::string(nameOf(route.method())) + " " + route.pattern() +
                         ": " + why);
}

}  // namespace

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  Rows rows;      // The path ends here.
  Rows restRows;  // "{name*}" takes one or more segments from here on.

  void insert(const Route& route);
};

namespace {

// One search. A row for the method is taken as soon as it is found; on the way the methods of every
// row that the path fits are collected for a 405.
class Search {
 public:
  Search(Method method, std::span<const std::string> segments)
      : method_(method), segments_(segments) {}

  template <typename Node>
  bool visit(const Node& node, std::size_t depth) {
    if (depth == segments_.size()) return take(node.rows);
    const std::string& segment = segments_[depth];
    if (const auto literal = node.literals.find(segment); literal != node.literals.end()) {
      if (visit(*literal->second, depth + 1)) return true;
    }
    if (node.parameter && !segment.empty()) {
      captured_.push_back(segment);
      if (visit(*node.parameter, depth + 1)) return true;
      captured_.pop_back();
    }
    if (!node.restRows.empty() && !segment.empty()) {
      std::string rest = segment;
      for (std::size_t i = depth + 1; i < segments_.size(); ++i) rest += '/' + segments_[i];
      captured_.push_back(std::move(rest));
      if (take(node.restRows)) return true;
      captured_.pop_back();
    }
    return false;
  }

  Match result() {
    Match match;
    if (row_) {
      match.route = row_->route;
      match.params.reserve(captured_.size());
      for (std::size_t i = 0; i < captured_.size(); ++i) {
        match.params.emplace_back(row_->names[i], std::move(captured_[i]));
      }
      return match;
    }
    for (const auto name : allowed_) {
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += name;
    }
    return match;
  }

 private:
  bool take(const Rows& rows) {
    row_ = rowFor(rows, method_);
    if (!row_ && method_ == Method::Head) row_ = rowFor(rows, Method::Get);
    if (!row_) appendAllowed(rows, allowed_);
    return row_ != nullptr;
  }

  Method method_;
  std::span<const std::string> segments_;
  std::vector<std::string> captured_;
  std::vector<std::string_view> allowed_;
  const Row* row_ = nullptr;
};

// The name inside "{name}"; throws when the braces are not right.
std::string parameterName(const Route& route, std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') {
    refusePattern(route, "braces must enclose a whole segment");
  }
  const auto name = segment.substr(1, segment.size() - 2);
  if (!isToken(name)) refusePattern(route, "a parameter needs a name");
  return std::string(name);
}

}  // namespace

void Router::Node::insert(const Route& route) {
  std::string_view rest = route.pattern();
  if (rest.empty() || rest.front() != '/') refusePattern(route, "a pattern begins with '/'");

  Node* node = this;
  std::vector<std::string> names;
  bool takesRest = false;
  do {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    const auto segment = rest.substr(0, end);
    rest.remove_prefix(end);
    if (takesRest) refusePattern(route, "nothing may follow {name*}");
    if (segment.empty() && !rest.empty()) refusePattern(route, "empty segment");

    if (segment.find_first_of("{}") == std::string_view::npos) {
      auto& child = node->literals[std::string(segment)];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
      continue;
    }
    std::string name = parameterName(route, segment);
    takesRest = name.back() == '*';
    if (takesRest) name.pop_back();
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
      refusePattern(route, "parameter names must differ");
    }
    names.push_back(std::move(name));
    if (takesRest) continue;
    if (!node->parameter) node->parameter = std::make_unique<Node>();
    node = node->parameter.get();
  } while (!rest.empty());

  Rows& table = takesRest ? node->restRows : node->rows;
  if (rowFor(table, route.method())) refusePattern(route, "declared twice");
  table.push_back({&route, std::move(names)});
}

Router::Router(std::span<const Route> rows, TrailingSlash slash)
    : root_(std::make_unique<Node>()), slash_(slash) {
  for (const auto& route : rows) root_->insert(route);
}

Router::~Router() = default;

Match Router::match(Method method, std::span<const std::string> segments) const {
  Search exact(method, segments);
  const bool found = exact.visit(*root_, 0);
  Match match = exact.result();
  const bool mayDropSlash =
      slash_ == TrailingSlash::Optional && segments.size() > 1 && segments.back().empty();
  if (found || !mayDropSlash) return match;

  Search shorter(method, segments.first(segments.size() - 1));
  shorter.visit(*root_, 0);
  Match second = shorter.result();
  return second.route || match.allow.empty() ? second : match;
}

}  // namespace coffer::http
