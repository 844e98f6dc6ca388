// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/request_bounds.h"

#include "services/vault/json/request_reader.h"

namespace coffer::vault::json {

// Counts brackets and commas outside strings: a value follows each. Text that is not JSON may be
// miscounted only behind its first fault, where the parser stops anyway.
void requireBounds(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 0;
  bool inString = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inString) {
      if (c == '\\') ++i;
      if (c == '"') inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxNesting) throw ModelError("", "The request body nests too deeply.");
      ++values;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    } else if (c == ',') {
      ++values;
    }
    if (values >= kMaxValues) throw ModelError("", "The request body holds too many values.");
  }
}

void failNotJson() { throw ModelError("", "The request body is not valid JSON."); }

void failNotAnObject() { throw ModelError("", "The request body must be a JSON object."); }

}  // namespace coffer::vault::json
