// SPDX-License-Identifier: BSD-2-Clause
//
// Reading and removing single objects. Storing them is in upload_sinks.cpp.
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/restic/conditional_request.h"
#include "services/restic/handlers.h"
#include "services/restic/range_header.h"
#include "services/restic/repository_stats.h"

#include <fcntl.h>

namespace coffer::restic {
namespace {

constexpr std::string_view kOctets = "application/octet-stream";
// Reads shorter than this are a mounted repository's, here and there in a pack.
constexpr std::uint64_t kWorthReadingAhead = 4 * MiB;
// A snapshot's file is this much older than the moment it was known to be on the disk, at most.
constexpr UnixMicros kLongestFlush = 10 * kMinute;

std::string fileOf(const ObjectPath& path) {
  return objectFile(path.repository(), path.type, path.id);
}

http::Response refusedRange(RangeKind kind, std::uint64_t size) {
  if (kind == RangeKind::Malformed) return http::Response::text(416, "invalid range\n");
  return http::Response::text(416, "invalid range: failed to overlap\n")
      .header("Content-Range", "bytes */" + std::to_string(size));
}

http::Response part(storage::OpenBlob blob, const RangeAnswer& range) {
  const std::string last = std::to_string(range.offset + range.length - 1);
  return http::Response::file({std::move(blob.file), range.offset, range.length}, kOctets, 206)
      .header("Content-Range", "bytes " + std::to_string(range.offset) + "-" + last + "/" +
                                   std::to_string(blob.info.size));
}

http::Response answer(const http::Request& request, storage::OpenBlob blob,
                      const std::string& entityTag) {
  const auto precondition = checkPreconditions(request, entityTag);
  if (precondition == Precondition::Failed)
    return http::Response::text(412, "Precondition Failed\n");
  if (precondition == Precondition::NotModified) return http::Response::empty(304);
  const std::string_view wanted =
      mayUseRange(request, entityTag) ? request.header("Range") : std::string_view();
  const RangeAnswer range = parseRange(wanted, blob.info.size);
  if (range.kind == RangeKind::NotSatisfiable || range.kind == RangeKind::Malformed) {
    return refusedRange(range.kind, blob.info.size);
  }
  if (range.length >= kWorthReadingAhead) {
    ::posix_fadvise(blob.file.get(), static_cast<off_t>(range.offset),
                    static_cast<off_t>(range.length), POSIX_FADV_SEQUENTIAL);
  }
  if (range.kind == RangeKind::Part) return part(std::move(blob), range);
  return http::Response::file({std::move(blob.file), 0, blob.info.size}, kOctets);
}

}  // namespace

http::Response Handlers::headObject(http::Request& request) const {
  const ObjectPath& path = grantOf(request).path;
  const auto info = parts_.blobs.find(fileOf(path));
  if (!info) throw NotFound("Not Found");
  return http::Response::empty()
      .header("Accept-Ranges", "bytes")
      .header("Content-Type", kOctets)
      .header("ETag", entityTagOf(path.id))
      .declaredLength(info->size);
}

http::Response Handlers::getObject(http::Request& request) const {
  const Grant& grant = grantOf(request);
  auto blob = parts_.blobs.open(fileOf(grant.path));
  if (!blob) throw NotFound("Not Found");
  const std::string entityTag = entityTagOf(grant.path.id);
  http::Response response = answer(request, std::move(*blob), entityTag);
  response.header("Accept-Ranges", "bytes");
  response.header("ETag", entityTag);
  countRead(grant, response);
  return response;
}

// Counted when it has ended, with what really went out: clients break off.
void Handlers::countRead(const Grant& grant, http::Response& response) const {
  response.onSent([&metrics = parts_.metrics, user = grant.user,
                   repository = grant.path.repository(),
                   type = grant.path.type](std::uint64_t bytes) {
    metrics.count(ResticMetrics::Operation::Read, user, repository, type, bytes);
  });
}

// Absent is fine: clients repeat a removal whose answer was lost.
http::Response Handlers::deleteObject(http::Request& request) const {
  const Grant& grant = grantOf(request);
  const std::string repository = grant.path.repository();
  const ObjectType type = grant.path.type;
  const UsageLedger::Change change(parts_.ledger, repository);
  const auto removed = parts_.blobs.remove(fileOf(grant.path));
  if (!removed) return http::Response::empty();
  parts_.ledger.removed(repository, type, removed->size);
  if (type == ObjectType::Snapshots &&
      removed->modified >= parts_.ledger.newestSnapshot(repository) - kLongestFlush) {
    parts_.ledger.setNewestSnapshot(repository, findNewestSnapshot(parts_.blobs, repository));
  }
  parts_.metrics.count(ResticMetrics::Operation::Delete, grant.user, repository, type,
                       removed->size);
  return http::Response::empty();
}

}  // namespace coffer::restic
