// SPDX-License-Identifier: BSD-2-Clause
//
// Small files and folders that survive a power cut: password files, keys, certificates, state.
// For uploads see blob_store.h.
//
// Durability  When a function returns, what it did is on the disk, the names included.
// Errors      InsufficientStorage for a full disk or quota, an internal Fault for the rest.
// Threads     Safe from any thread; of two replacements of one file the later one stands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

// Readers see the old file or the new one, never a part. The new file has exactly `mode`, whatever
// the umask. A symbolic link at `path` is replaced, not followed. Done by root, the file belongs to
// whoever owned the old one, or else the folder: a server running as somebody else can still read
// it.
void replaceFileDurably(const std::string& path, std::string_view bytes, mode_t mode);

// Makes `path` and every missing folder above it with `mode` (less the umask), and flushes each one
// and the existing folder they begin in. Does nothing when `path` is a folder already.
void makeDirectoriesDurably(const std::string& path, mode_t mode);

// Flushes a folder: names made or removed in it before the call are on the disk after it.
void syncDirectory(const std::string& path);

// The whole file, or nothing when there is none. A file larger than `maxBytes` is a Fault.
std::optional<std::string> readSmallFile(const std::string& path, std::size_t maxBytes);

// fsync(2) of an open file or folder, for the other classes of this layer. File systems that cannot
// flush (EINVAL, ENOTSUP, ENOTTY) are tolerated with one warning in the life of the process.
// `what` names it in a Fault.
void flushDescriptor(int fd, const std::string& what);

// Marks a temporary file that was just made as in use, with flock(2), for as long as `fd` is open.
// False when a sweep (temp_sweep.h) took it for abandoned in the moment before: make another one.
[[nodiscard]] bool claimTemp(int fd);

}  // namespace coffer::storage
