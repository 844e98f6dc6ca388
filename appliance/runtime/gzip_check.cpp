// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/gzip_check.h"

#include "appliance/base/fault.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <zlib.h>

namespace coffer::runtime {
namespace {

constexpr std::string_view kMagic = "\x1f\x8b";

class Inflater {
 public:
  Inflater() {
    constexpr int kGzipFormat = 15 + 16;
    if (::inflateInit2(&stream_, kGzipFormat) != Z_OK) {
      throw Fault(FaultKind::Internal, "zlib cannot be used");
    }
  }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Takes one member from the front of `rest`, and what it holds from `room`. False for a damaged
  // one.
  bool takeMember(std::string_view& rest, std::uint64_t& room) {
    ::inflateReset(&stream_);
    for (;;) {
      const auto given = std::min<std::size_t>(rest.size(), std::numeric_limits<uInt>::max());
      // zlib wants to write to its input by type, and does not.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
      stream_.avail_in = static_cast<uInt>(given);
      stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
      stream_.avail_out = static_cast<uInt>(piece_.size());
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      rest.remove_prefix(given - stream_.avail_in);
      room -= std::min<std::uint64_t>(room, piece_.size() - stream_.avail_out);
      if (result == Z_STREAM_END || (result == Z_OK && room == 0)) return true;
      if (result != Z_OK) return false;  // Z_BUF_ERROR: it ends too early.
    }
  }

 private:
  z_stream stream_{};
  std::array<char, 64 * 1024> piece_{};
};

}  // namespace

bool isIntactIfGzip(std::string_view bytes, std::uint64_t maxBytes) {
  Inflater inflater;
  while (bytes.starts_with(kMagic) && maxBytes > 0) {
    if (!inflater.takeMember(bytes, maxBytes)) return false;
  }
  return true;
}

}  // namespace coffer::runtime
