// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/gzip_copies.h"

#include "appliance/base/fault.h"
#include "services/vault/web_vault/static_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>
#include <zlib.h>

namespace coffer::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kSmallest = 1024;        // Smaller ones fit in a packet as they are.
constexpr std::uintmax_t kLargest = 64ull << 20;  // Held in memory.

std::string gzipped(std::string_view bytes) {
  constexpr int kGzipFormat = 15 + 16;
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipFormat, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Fault(FaultKind::Internal, "zlib cannot be used");
  }
  std::string out(::deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  std::string input(bytes);  // zlib wants to write to it by type.
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (result != Z_STREAM_END) throw Fault(FaultKind::Internal, "zlib did not finish");
  return out;
}

void addCopy(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string packed = gzipped(bytes);
  if (packed.size() > bytes.size() - bytes.size() / 10) return;
  const std::string name = file.string() + ".gz";
  std::ofstream out(name, std::ios::binary);
  out << packed;
  if (!out.flush()) throwSystemFault("write " + name);
}

}  // namespace

void addGzipCopies(const std::string& folder) {
  std::vector<fs::path> files;  // First, because the walk must not see what it makes.
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !vault::isCompressible(entry.path().filename().string())) {
      continue;
    }
    const auto size = entry.file_size();
    if (size >= kSmallest && size <= kLargest && !fs::exists(entry.path().string() + ".gz")) {
      files.push_back(entry.path());
    }
  }
  for (const auto& file : files) addCopy(file);
}

}  // namespace coffer::runtime
