// SPDX-License-Identifier: BSD-2-Clause
//
// The names of all objects of one type as JSON, written while the folders are read, in the memory
// of one piece however many there are:
//   v1  ["<id>",…]
//   v2  [{"name":"<id>","size":<bytes>},…]
// Only regular files that are called like an object and lie in its place are listed; one that
// vanishes meanwhile is left out. Order is the file system's, for data folder by folder.
#pragma once

#include "appliance/http/response.h"
#include "services/restic/object_path.h"
#include "services/restic/usage.h"
#include "storage/blobs/blob_store.h"
#include "storage/blobs/folder_reader.h"

#include <functional>
#include <optional>
#include <string>

namespace coffer::restic {

enum class ListVersion { V1, V2 };

class ListingSource final : public http::BodySource {
 public:
  // `counted` is told the sum when a V2 listing has been read to its end; may be null.
  ListingSource(const storage::BlobStore& blobs, const std::string& repository, ObjectType type,
                ListVersion version, std::function<void(TypeUsage)> counted);

  bool read(std::string& out) override;

 private:
  [[nodiscard]] bool openNextFolder();
  void append(std::string& out, const storage::FolderReader::Entry& entry);
  [[nodiscard]] bool isListed(const storage::FolderReader::Entry& entry) const;

  const storage::BlobStore& blobs_;
  const std::string folder_;
  const ObjectType type_;
  const ListVersion version_;
  std::function<void(TypeUsage)> counted_;

  std::optional<storage::FolderReader> reader_;
  int nextFolder_ = 0;
  std::string prefix_;  // What names in the open folder begin with.
  TypeUsage sum_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace coffer::restic
