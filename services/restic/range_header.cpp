// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/range_header.h"

#include "appliance/base/bytes.h"

#include <algorithm>

namespace coffer::restic {
namespace {

constexpr std::string_view kUnit = "bytes=";

// "-n": the last n bytes.
RangeAnswer suffix(std::string_view count, std::uint64_t size) {
  const auto wanted = parseUnsigned(count);
  if (!wanted) return {RangeKind::Malformed};
  const std::uint64_t length = std::min(*wanted, size);
  if (length == 0) return {RangeKind::NotSatisfiable};
  return {RangeKind::Part, size - length, length};
}

RangeAnswer one(std::string_view spec, std::uint64_t size) {
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return {RangeKind::Malformed};
  const auto first = trim(spec.substr(0, dash));
  const auto last = trim(spec.substr(dash + 1));
  if (first.empty()) return suffix(last, size);
  const auto begin = parseUnsigned(first);
  if (!begin) return {RangeKind::Malformed};
  std::uint64_t end = size;  // One past the last byte.
  if (!last.empty()) {
    const auto number = parseUnsigned(last);
    if (!number || *number < *begin) return {RangeKind::Malformed};
    if (*number < size) end = *number + 1;
  }
  if (*begin >= size) return {RangeKind::NotSatisfiable};
  return {RangeKind::Part, *begin, end - *begin};
}

}  // namespace

RangeAnswer parseRange(std::string_view header, std::uint64_t size) {
  if (header.empty()) return {RangeKind::Whole, 0, size};
  if (!header.starts_with(kUnit)) return {RangeKind::Malformed};
  header.remove_prefix(kUnit.size());

  RangeAnswer part;
  bool unsatisfiable = false;
  int parts = 0;
  for (bool more = true; more;) {
    const auto comma = header.find(',');
    const auto spec = trim(header.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) header.remove_prefix(comma + 1);
    if (spec.empty()) continue;
    const RangeAnswer answer = one(spec, size);
    if (answer.kind == RangeKind::Malformed) return answer;
    if (answer.kind == RangeKind::NotSatisfiable) {
      unsatisfiable = true;
    } else {
      part = answer;
      ++parts;
    }
  }
  if (parts == 1) return part;
  if (parts == 0 && unsatisfiable) return {RangeKind::NotSatisfiable};
  return {RangeKind::Whole, 0, size};
}

}  // namespace coffer::restic
