// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/size_name.h"

#include <doctest/doctest.h>

namespace coffer::vault {

TEST_CASE("a size is named as clients name it") {
  struct Case {
    std::uint64_t bytes;
    const char* name;
  };
  const Case cases[] = {
      {0, "0 Bytes"},
      {1023, "1023 Bytes"},
      {1024, "1 KB"},
      {1536, "1.5 KB"},
      {12'345, "12.05 KB"},
      {1'048'575, "1023.99 KB"},
      {1'048'576, "1 MB"},
      {525'336'576, "501 MB"},
      {1'073'741'824, "1 GB"},
      {std::uint64_t{5} << 40, "5 TB"},
      {std::uint64_t{1} << 60, "1048576 TB"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.bytes);
    CHECK(sizeName(c.bytes) == c.name);
  }
}

}  // namespace coffer::vault
