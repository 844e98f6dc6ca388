// SPDX-License-Identifier: BSD-2-Clause
//
// The text of a query. It can only be made from literals while compiling, so no text assembled at
// run time, and no text from outside, ever becomes SQL:
//
//   constexpr Sql kRename{"folders.rename", "UPDATE folders SET name = $3 WHERE user_id = $1 AND id
//   = $2"};
//
// Parameters are $1, $2 … as PostgreSQL writes them, each number at least once, in any order.
#pragma once

#include <string_view>

namespace coffer::storage {

class Sql {
 public:
  // `name` says where the query is from, in logs.
  consteval Sql(const char* name, const char* text)
      : name_(name), text_(text), parameters_(highestParameter(text)) {}

  constexpr std::string_view name() const { return name_; }
  constexpr std::string_view text() const { return text_; }
  constexpr int parameters() const { return parameters_; }

 private:
  static consteval int highestParameter(std::string_view text) {
    int highest = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$') continue;
      int number = 0;
      while (i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9') {
        number = number * 10 + (text[++i] - '0');
      }
      if (number > highest) highest = number;
    }
    return highest;
  }

  std::string_view name_;
  std::string_view text_;
  int parameters_;
};

}  // namespace coffer::storage
