// SPDX-License-Identifier: BSD-2-Clause
//
// The repository itself, its config, and the listings.
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/restic/handlers.h"
#include "services/restic/listing_source.h"
#include "services/restic/state_folder.h"

namespace coffer::restic {
namespace {

constexpr std::string_view kV1Type = "application/vnd.x.restic.rest.v1";
constexpr std::string_view kV2Type = "application/vnd.x.restic.rest.v2";
constexpr std::string_view kOctets = "application/octet-stream";

std::vector<std::string> foldersOf(const std::string& repository) {
  std::vector<std::string> folders;
  for (const ObjectType type : kAllTypes) folders.push_back(typeFolder(repository, type));
  for (int i = 0; i < 256; ++i) {
    folders.push_back(typeFolder(repository, ObjectType::Data) + "/" + dataPrefix(i));
  }
  return folders;
}

}  // namespace

const Grant& Handlers::grantOf(http::Request& request) const {
  const Grant& grant = request.attached<Grant>();
  parts_.ledger.touched(grant.path.repository(), parts_.clock.now());
  return grant;
}

http::Response Handlers::createRepository(http::Request& request) const {
  if (request.query("create") != "true") throw BadRequest("Bad Request", "create is not \"true\"");
  const std::string repository = grantOf(request).path.repository();
  log::info("restic", "Creating repository directories in " +
                          log::escaped(parts_.blobs.absolute(repository)));
  parts_.blobs.makeFolders(foldersOf(repository));
  return http::Response::empty();
}

// Moved out of the way in a few steps, then removed in the background: a large repository takes
// longer to remove than a client waits. Folders beside its own, such as other repositories, stay.
// The config goes last: what cannot be moved, such as a mounted folder or one on another disk, ends
// this before the repository is lost.
http::Response Handlers::deleteRepository(http::Request& request) const {
  const std::string repository = grantOf(request).path.repository();
  const std::string trash = std::string(kTrashFolder) + "/" + toHex(randomBytes(8));
  const UsageLedger::Change change(parts_.ledger, repository);
  bool existed = false;
  for (const ObjectType type : kAllTypes) {
    const bool moved =
        parts_.blobs.move(typeFolder(repository, type), trash + "/" + std::string(nameOf(type)));
    existed = existed || moved;
  }
  if (parts_.blobs.move(configFile(repository), trash + "/config")) existed = true;
  if (!existed) throw NotFound("Not Found", "there is no repository " + repository);
  parts_.blobs.removeEmptyFolder(repository);
  parts_.ledger.forget(repository);
  log::info("restic", "Deleted a repository",
            {{"repository", repository}, {"user", request.user()}});
  return http::Response::empty();
}

http::Response Handlers::headConfig(http::Request& request) const {
  const auto info = parts_.blobs.find(configFile(grantOf(request).path.repository()));
  if (!info) throw NotFound("Not Found");
  return http::Response::empty().header("Content-Type", kOctets).declaredLength(info->size);
}

// Always whole, whatever Range says, as rest-server does; clients ask for "bytes=0-".
http::Response Handlers::getConfig(http::Request& request) const {
  auto config = parts_.blobs.open(configFile(grantOf(request).path.repository()));
  if (!config) throw NotFound("Not Found");
  return http::Response::file({std::move(config->file), 0, config->info.size}, kOctets);
}

http::Response Handlers::deleteConfig(http::Request& request) const {
  parts_.blobs.remove(configFile(grantOf(request).path.repository()));
  return http::Response::empty();
}

// The media type is compared to the letter, and the reply's is what the client goes by.
http::Response Handlers::listObjects(http::Request& request) const {
  const ObjectPath& path = grantOf(request).path;
  const std::string repository = path.repository();
  // An empty list for a repository that lacks the folder: old clients take 404 for an error.
  if (!parts_.blobs.folderExists(repository)) throw NotFound("Not Found");
  const bool isV2 = request.header("Accept") == kV2Type;
  const std::uint64_t before = parts_.ledger.changes(repository);
  auto source = std::make_unique<ListingSource>(
      parts_.blobs, repository, path.type, isV2 ? ListVersion::V2 : ListVersion::V1,
      // Somebody else may write to the same folder: a complete listing sets the ledger right.
      [&ledger = parts_.ledger, repository, type = path.type, before](TypeUsage counted) {
        (void)ledger.correctType(repository, type, counted, before);
      });
  return http::Response::stream(std::move(source), isV2 ? kV2Type : kV1Type);
}

}  // namespace coffer::restic
