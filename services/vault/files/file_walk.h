// SPDX-License-Identifier: BSD-2-Clause
//
// The files of attachments and Sends as they lie on the disk:
// attachments/<item>/<attachment> and sends/<Send>/<file>.
#pragma once

#include "appliance/base/clock.h"
#include "storage/blobs/blob_store.h"
#include "storage/stores/stored_file_store.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace coffer::vault {

inline constexpr std::array kFileKinds = {storage::FileKind::Attachment, storage::FileKind::Send};

// "attachments" or "sends".
std::string_view folderOf(storage::FileKind kind);
std::string pathOf(storage::FileKind kind, std::string_view owner, std::string_view id);

// A file no row knows may belong to an upload whose row is about to be written, or be what a crash
// left of one: only after this long is it nobody's.
constexpr UnixMicros kFileOfNobodyAge = kDay;

struct FileOnDisk {
  std::string owner;
  std::string id;
  std::uint64_t size = 0;
  UnixMicros modified = 0;
};

struct FolderOnDisk {
  std::string owner;
  UnixMicros modified = 0;  // A name was last added or removed, before the walk came.
};

// Hands every file to `visit`, and after those of an owner the folder to `leave`. Uploads on their
// way are left out, and so is whatever is no file in its place.
void walkFiles(const storage::BlobStore& files, storage::FileKind kind,
               const std::function<void(const FileOnDisk&)>& visit,
               const std::function<void(const FolderOnDisk&)>& leave = {});

}  // namespace coffer::vault
