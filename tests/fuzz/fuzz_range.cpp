// SPDX-License-Identifier: BSD-2-Clause
//
// The Range field: a part always lies within the object.
#include "services/restic/range_header.h"
#include "tests/fuzz/fuzz_input.h"

#include <cstring>

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < sizeof(std::uint64_t)) return 0;
  std::uint64_t objectSize = 0;
  std::memcpy(&objectSize, data, sizeof objectSize);
  const std::string_view header = fuzz::textOf(data + sizeof objectSize, size - sizeof objectSize);
  for (const std::uint64_t total : {objectSize, objectSize & 0xFF, std::uint64_t{0}}) {
    const restic::RangeAnswer answer = restic::parseRange(header, total);
    if (answer.kind != restic::RangeKind::Part) continue;
    fuzz::require(answer.offset <= total && answer.length <= total - answer.offset);
  }
  return 0;
}
