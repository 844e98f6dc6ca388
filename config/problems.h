// SPDX-License-Identifier: BSD-2-Clause
//
// Everything that is wrong with a configuration, collected so that its owner sees all of it at
// once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::config {

enum class Severity {
  Warning,  // The appliance starts, and says so.
  Error,    // It does not start.
};

struct Problem {
  Severity severity = Severity::Error;
  std::string place;  // "coffer.yaml:12", "COFFER_RESTIC_MAX_SIZE", "--restic-max-size", "default".
  std::string setting;  // "restic.max_size"; empty when it is about the whole source.
  std::string text;     // What is wrong and what would be right. Never a secret's value.
};

class Problems {
 public:
  void add(Problem problem) { all_.push_back(std::move(problem)); }
  [[nodiscard]] bool hasErrors() const;
  [[nodiscard]] bool empty() const { return all_.empty(); }
  std::span<const Problem> all() const { return all_; }

 private:
  std::vector<Problem> all_;
};

// "coffer.yaml:12: restic.max_size: …", a warning with "warning: " in front.
std::string render(const Problem& problem);
std::string render(const Problems& problems);  // One a line.

// " (did you mean \"append_only\"?)" for the candidate that is closest, or nothing when none is.
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace coffer::config
