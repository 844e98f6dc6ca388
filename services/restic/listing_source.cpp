// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/listing_source.h"

#include <array>
#include <charconv>

namespace coffer::restic {
namespace {

using storage::FolderReader;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kDataFolders = 256;

void appendNumber(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

ListingSource::ListingSource(const storage::BlobStore& blobs, const std::string& repository,
                             ObjectType type, ListVersion version,
                             std::function<void(TypeUsage)> counted)
    : blobs_(blobs),
      folder_(typeFolder(repository, type)),
      type_(type),
      version_(version),
      counted_(std::move(counted)) {}

bool ListingSource::read(std::string& out) {
  if (ended_) return false;
  const std::size_t full = out.size() + kPieceBytes;
  if (!begun_) out += '[';
  begun_ = true;
  FolderReader::Entry entry;
  while (out.size() < full) {
    if (!reader_ && !openNextFolder()) {
      out += ']';
      ended_ = true;
      if (counted_ && version_ == ListVersion::V2) counted_(sum_);
      return true;
    }
    if (reader_ && reader_->next(entry)) {
      append(out, entry);
    } else {
      reader_.reset();
    }
  }
  return true;
}

// Missing folders are empty ones. False when there are no more.
bool ListingSource::openNextFolder() {
  const int folders = type_ == ObjectType::Data ? kDataFolders : 1;
  while (nextFolder_ < folders) {
    std::string path = folder_;
    if (type_ == ObjectType::Data) {
      prefix_ = dataPrefix(nextFolder_);
      path += "/" + prefix_;
    }
    ++nextFolder_;
    if (UniqueFd fd = blobs_.openFolder(path)) {
      reader_.emplace(std::move(fd));
      return true;
    }
  }
  return false;
}

bool ListingSource::isListed(const FolderReader::Entry& entry) const {
  const bool mayBeFile =
      entry.kind == FolderReader::Kind::File || entry.kind == FolderReader::Kind::Unknown;
  return mayBeFile && isObjectId(entry.name) && entry.name.starts_with(prefix_);
}

void ListingSource::append(std::string& out, const FolderReader::Entry& entry) {
  if (!isListed(entry)) return;
  if (version_ == ListVersion::V1) {
    if (reader_->kindOf(entry) != FolderReader::Kind::File) return;
    out += sum_.objects++ == 0 ? "\"" : ",\"";
    (out += entry.name) += '"';
    return;
  }
  const auto info = reader_->statFile(entry);
  if (!info) return;
  out += sum_.objects++ == 0 ? "{\"name\":\"" : ",{\"name\":\"";
  (out += entry.name) += "\",\"size\":";
  appendNumber(out, info->size);
  out += '}';
  sum_.bytes += info->size;
}

}  // namespace coffer::restic
