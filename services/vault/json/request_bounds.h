// SPDX-License-Identifier: BSD-2-Clause
//
// What holds for the JSON of every request before anything is made of it, and the faults of one
// that is not what it should be as a whole.
#pragma once

#include <string_view>

namespace coffer::vault::json {

// Throws ModelError for what nests deeper than kMaxNesting or may hold kMaxValues values or more.
void requireBounds(std::string_view text);

[[noreturn]] void failNotJson();
[[noreturn]] void failNotAnObject();

}  // namespace coffer::vault::json
