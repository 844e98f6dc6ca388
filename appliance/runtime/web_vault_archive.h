// SPDX-License-Identifier: BSD-2-Clause
//
// Releases of web vaults, as people download them: .tar.gz, .tar.xz or .zip, usually with one
// folder around everything. Read with libarchive; written by ourselves, so that nothing in an
// archive can lead out of the folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::runtime {

struct UnpackLimits {
  std::uint64_t maxBytes = 1ull << 30;  // Of all files together.
  std::size_t maxEntries = 50'000;
};

// Unpacks into `folder`, which exists and is empty. Only files and folders: their modes are ours
// (0644, 0755), owners and times those of the moment. Throws UsageError, with what is wrong in the
// archive: a link or device in it, an absolute path or "..", a name twice, broken data, more than
// the limits. What was unpacked until then stays; the caller throws the folder away.
void unpackArchive(std::string_view archive, const std::string& folder,
                   const UnpackLimits& limits = {});

}  // namespace coffer::runtime
