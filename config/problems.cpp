// SPDX-License-Identifier: BSD-2-Clause
#include "config/problems.h"

#include "appliance/base/bytes.h"

#include <algorithm>
#include <numeric>

namespace coffer::config {
namespace {

// No name is longer; what is longer is no misspelling of one.
constexpr std::size_t kLongestName = 64;

// How many characters must be inserted, removed, replaced or exchanged with their neighbour to make
// `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> beforeLast(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// "append-only", "appendOnly" and "APPEND_ONLY" are one word to whoever types them.
std::string plainLetters(std::string_view name) {
  std::string letters = toLowerAscii(name);
  std::erase_if(letters, [](char c) { return c == '_' || c == '-' || c == '.' || c == ' '; });
  return letters;
}

}  // namespace

bool Problems::hasErrors() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Problem& p) { return p.severity == Severity::Error; });
}

std::string render(const Problem& problem) {
  std::string line = problem.severity == Severity::Warning ? "warning: " : "";
  line += problem.place;
  line += ": ";
  if (!problem.setting.empty()) line += problem.setting + ": ";
  return line + problem.text;
}

std::string render(const Problems& problems) {
  std::string lines;
  for (const Problem& problem : problems.all()) lines += render(problem) + '\n';
  return lines;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  if (name.size() > kLongestName) return {};
  const std::string wanted = plainLetters(name);
  const std::string* best = nullptr;
  std::size_t bestDistance = 0;
  for (const std::string& candidate : candidates) {
    const std::string letters = plainLetters(candidate);
    const std::size_t apart = distance(wanted, letters);
    // A third of the letters may be wrong; more is another word.
    if (apart > std::max<std::size_t>(letters.size() / 3, 1)) continue;
    if (best == nullptr || apart < bestDistance) {
      best = &candidate;
      bestDistance = apart;
    }
  }
  return best == nullptr ? std::string() : " (did you mean \"" + *best + "\"?)";
}

}  // namespace coffer::config
