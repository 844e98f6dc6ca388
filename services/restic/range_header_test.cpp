// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/range_header.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer::restic;

TEST_CASE("ranges of an object of eleven bytes") {
  struct Row {
    const char* header;
    RangeKind kind;
    std::uint64_t offset, length;
  };
  const Row rows[] = {
      {"", RangeKind::Whole, 0, 11},
      {"bytes=0-4", RangeKind::Part, 0, 5},
      {"bytes=6-", RangeKind::Part, 6, 5},
      {"bytes=0-", RangeKind::Part, 0, 11},
      {"bytes=-3", RangeKind::Part, 8, 3},
      {"bytes=-100", RangeKind::Part, 0, 11},
      {"bytes=0-100", RangeKind::Part, 0, 11},
      {"bytes=10-10", RangeKind::Part, 10, 1},
      {"bytes= 0-4", RangeKind::Part, 0, 5},
      {"bytes=0-4,", RangeKind::Part, 0, 5},
      {"bytes=,0 - 4 ,", RangeKind::Part, 0, 5},
      {"bytes=0-1,100-200", RangeKind::Part, 0, 2},
      {"bytes=11-", RangeKind::NotSatisfiable, 0, 0},
      {"bytes=11-20", RangeKind::NotSatisfiable, 0, 0},
      {"bytes=100-", RangeKind::NotSatisfiable, 0, 0},
      {"bytes=-0", RangeKind::NotSatisfiable, 0, 0},
      {"bytes=0-18446744073709551615", RangeKind::Part, 0, 11},
      {"bytes=10-5", RangeKind::Malformed, 0, 0},
      {"bytes=a-b", RangeKind::Malformed, 0, 0},
      {"foo=0-1", RangeKind::Malformed, 0, 0},
      {"Bytes=0-4", RangeKind::Malformed, 0, 0},
      {"bytes", RangeKind::Malformed, 0, 0},
      {"bytes=5", RangeKind::Malformed, 0, 0},
      {"bytes=-", RangeKind::Malformed, 0, 0},
      {"bytes=--3", RangeKind::Malformed, 0, 0},
      {"bytes=0-4-5", RangeKind::Malformed, 0, 0},
      {"bytes=+0-4", RangeKind::Malformed, 0, 0},
      {"bytes=0-18446744073709551616", RangeKind::Malformed, 0, 0},
      {"bytes=", RangeKind::Whole, 0, 11},
      {"bytes=0-1,3-4", RangeKind::Whole, 0, 11},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    const RangeAnswer answer = parseRange(row.header, 11);
    CHECK(answer.kind == row.kind);
    CHECK(answer.offset == row.offset);
    CHECK(answer.length == row.length);
  }
}

TEST_CASE("no range of an empty object can be satisfied") {
  for (const char* header : {"bytes=0-", "bytes=-5", "bytes=0-0"}) {
    CHECK(parseRange(header, 0).kind == RangeKind::NotSatisfiable);
  }
}
