// SPDX-License-Identifier: BSD-2-Clause
//
// Storing objects and configs. Nothing is ever overwritten; an upload of what is stored already
// succeeds without writing, since the answer to the first one may have been lost.
#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "services/restic/handlers.h"

#include <unistd.h>

namespace coffer::restic {
namespace {

[[noreturn]] void refuseOverwriting() { throw Forbidden("Forbidden", "it exists already"); }

// A new object.
class ObjectSink final : public http::BodySink {
 public:
  ObjectSink(const ResticParts& parts, const Grant& grant, std::optional<std::uint64_t> announced)
      : parts_(parts),
        grant_(grant),
        repository_(grant.path.repository()),
        file_(objectFile(repository_, grant.path.type, grant.path.id)),
        isAnnounced_(announced.has_value()),
        room_(parts.ledger.reserve(repository_, ownerOf(parts, grant), grant.path.type,
                                   announced.value_or(0))),
        writer_(parts.blobs.create(
            file_, announced,
            parts.options.verifyUploads ? storage::Hashing::Sha256 : storage::Hashing::None)) {}

  void write(std::string_view bytes) override {
    if (!isAnnounced_) room_.grow(bytes.size());
    writer_->append(bytes);
  }

  http::Response finish() override {
    if (parts_.options.verifyUploads && toHex(writer_->sha256()) != grant_.path.id) {
      throw BadRequest("Bad Request", "the content does not have the hash " + grant_.path.id);
    }
    const UsageLedger::Change change(parts_.ledger, repository_);
    if (writer_->commit() == storage::Commit::AlreadyThere) return whenAnotherWasFirst();
    room_.settle(parts_.clock.now());
    parts_.metrics.count(ResticMetrics::Operation::Write, grant_.user, repository_,
                         grant_.path.type, writer_->size());
    return http::Response::empty();
  }

 private:
  // In a private setup the first folder is the owner's name; else whoever wrote first owns it.
  static std::string ownerOf(const ResticParts& parts, const Grant& grant) {
    const bool isPrivate = parts.options.privateRepositories && !grant.path.folders.empty();
    return isPrivate && !parts.options.authentication.noAuth ? grant.path.folders.front()
                                                             : grant.user;
  }

  // Two uploads of one object ran side by side. With hashes checked both had the same bytes.
  http::Response whenAnotherWasFirst() const {
    const auto stored = parts_.blobs.find(file_);
    if (!parts_.options.verifyUploads || !stored || stored->size != writer_->size()) {
      refuseOverwriting();
    }
    return http::Response::empty();
  }

  ResticParts parts_;
  Grant grant_;
  std::string repository_;
  std::string file_;
  bool isAnnounced_;
  UsageLedger::Reservation room_;
  std::unique_ptr<storage::BlobWriter> writer_;
};

// The object exists: only its own content is welcome, and is not written again.
class SameObjectSink final : public http::BodySink {
 public:
  SameObjectSink(storage::BlobStore& blobs, const ObjectPath& path, std::uint64_t storedSize)
      : blobs_(blobs),
        id_(path.id),
        file_(objectFile(path.repository(), path.type, path.id)),
        storedSize_(storedSize) {}

  void write(std::string_view bytes) override {
    size_ += bytes.size();
    if (size_ > storedSize_) refuseOverwriting();
    hash_.update(bytes);
  }

  http::Response finish() override {
    if (size_ != storedSize_ || toHex(hash_.finish()) != id_) refuseOverwriting();
    blobs_.makeDurable(file_);
    return http::Response::empty();
  }

 private:
  storage::BlobStore& blobs_;
  std::string id_;
  std::string file_;
  std::uint64_t storedSize_;
  std::uint64_t size_ = 0;
  Sha256 hash_;
};

// A config. It has no hash to check, so its bytes are kept (the route allows few) and compared with
// those that are stored, if any are. The same durable way keeps a cut one from ever being seen.
class ConfigSink final : public http::BodySink {
 public:
  ConfigSink(storage::BlobStore& blobs, std::string file) : blobs_(blobs), file_(std::move(file)) {}

  void write(std::string_view bytes) override { bytes_ += bytes; }

  http::Response finish() override {
    if (!blobs_.find(file_)) {
      const auto writer = blobs_.create(file_, bytes_.size(), storage::Hashing::None);
      writer->append(bytes_);
      if (writer->commit() != storage::Commit::AlreadyThere) return http::Response::empty();
    }
    if (!isStored()) refuseOverwriting();
    blobs_.makeDurable(file_);
    return http::Response::empty();
  }

 private:
  [[nodiscard]] bool isStored() const {
    const auto stored = blobs_.open(file_);
    if (!stored || stored->info.size != bytes_.size()) return false;
    std::string there(bytes_.size(), '\0');
    const ssize_t n = ::pread(stored->file.get(), there.data(), there.size(), 0);
    return n == static_cast<ssize_t>(there.size()) && there == bytes_;
  }

  storage::BlobStore& blobs_;
  std::string file_;
  std::string bytes_;
};

}  // namespace

std::unique_ptr<http::BodySink> Handlers::storeObject(http::Request& request) const {
  const Grant& grant = grantOf(request);
  const ObjectPath& path = grant.path;
  const auto stored = parts_.blobs.find(objectFile(path.repository(), path.type, path.id));
  const auto length = request.contentLength();
  if (!stored) return std::make_unique<ObjectSink>(parts_, grant, length);
  // A client that asks first is told without being made to send it all.
  if (request.expectsContinue() || (length && *length != stored->size)) refuseOverwriting();
  return std::make_unique<SameObjectSink>(parts_.blobs, path, stored->size);
}

std::unique_ptr<http::BodySink> Handlers::storeConfig(http::Request& request) const {
  const std::string file = configFile(grantOf(request).path.repository());
  const auto stored = parts_.blobs.find(file);
  const auto length = request.contentLength();
  // A client that asks first is told without being made to send it all.
  if (stored && (request.expectsContinue() || (length && *length != stored->size))) {
    refuseOverwriting();
  }
  return std::make_unique<ConfigSink>(parts_.blobs, file);
}

}  // namespace coffer::restic
