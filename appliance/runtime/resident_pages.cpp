// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/resident_pages.h"

#include <sys/mman.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <malloc.h>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::runtime {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool releasable = false;  // A file's, not writable, without a page of our own in it.
};

// "7f12…-7f13… r-xp 00026000 fe:00 1234 /usr/lib/…": the first line of a mapping in smaps.
bool parseMapping(std::string_view line, Mapping& mapping) {
  const char* const stop = line.data() + line.size();
  const auto begin = std::from_chars(line.data(), stop, mapping.begin, 16);
  if (begin.ec != std::errc{} || begin.ptr == stop || *begin.ptr != '-') return false;
  const auto end = std::from_chars(begin.ptr + 1, stop, mapping.end, 16);
  if (end.ec != std::errc{} || stop - end.ptr < 6) return false;
  const std::string_view permissions(end.ptr + 1, 4);
  const bool isFile = line.find(" /") != std::string_view::npos && !line.ends_with(" (deleted)");
  mapping.releasable =
      isFile && permissions[0] == 'r' && permissions[1] == '-' && permissions[3] == 'p';
  return true;
}

// A relocated or copied page is ours alone: dropping it would lose what was written.
bool saysOwnPages(std::string_view line) {
  constexpr std::string_view field = "Anonymous:";
  return line.starts_with(field) &&
         line.find_first_of("123456789", field.size()) != std::string_view::npos;
}

std::vector<Mapping> readMappings() {
  std::vector<Mapping> mappings;
  std::ifstream smaps("/proc/self/smaps");
  Mapping mapping;
  for (std::string line; std::getline(smaps, line);) {
    if (parseMapping(line, mapping)) {
      mappings.push_back(mapping);
    } else if (!mappings.empty() && saysOwnPages(line)) {
      mappings.back().releasable = false;
    }
  }
  return mappings;
}

}  // namespace

std::size_t releaseStartupPages() {
  ::malloc_trim(0);
  std::size_t released = 0;
  for (const Mapping& mapping : readMappings()) {
    if (!mapping.releasable) continue;
    const std::size_t size = mapping.end - mapping.begin;
    // The kernel's own addresses of this process.
    auto* const address =
        reinterpret_cast<void*>(mapping.begin);  // NOLINT(performance-no-int-to-ptr)
    if (::madvise(address, size, MADV_DONTNEED) == 0) released += size;
  }
  return released;
}

}  // namespace coffer::runtime
