// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/object_path.h"

#include "appliance/base/bytes.h"

#include <algorithm>

namespace coffer::restic {
namespace {

constexpr std::array<std::string_view, kTypeCount> kTypeNames = {"data", "index", "keys", "locks",
                                                                 "snapshots"};
constexpr std::string_view kConfig = "config";
constexpr std::size_t kMaxFolders = 2;
constexpr std::size_t kIdLength = 64;
constexpr std::size_t kMaxNameBytes = 255;  // What Linux file systems take.

std::string below(const std::string& repository, std::string_view name) {
  return repository.empty() ? std::string(name) : repository + "/" + std::string(name);
}

// The last segment never is a folder: it is "" behind the closing slash, or an object's name.
std::size_t countFolders(std::span<const std::string> segments) {
  const std::size_t most = std::min(segments.size() - 1, kMaxFolders);
  std::size_t count = 0;
  while (count < most && !isReservedName(segments[count])) ++count;
  return count;
}

bool areUsableFolders(std::span<const std::string> folders) {
  if (!folders.empty() && isOwnRootName(folders.front())) return false;
  return std::all_of(folders.begin(), folders.end(), [](const std::string& name) {
    return !name.empty() && name.size() <= kMaxNameBytes;
  });
}

void readTarget(std::span<const std::string> rest, ObjectPath& path) {
  if (rest.size() == 1 && rest[0].empty()) path.target = Target::Repository;
  if (rest.size() == 1 && rest[0] == kConfig) path.target = Target::Config;
  if (rest.size() != 2) return;
  const auto type = parseObjectType(rest[0]);
  if (!type) return;
  path.type = *type;
  if (rest[1].empty()) {
    path.target = Target::List;
  } else if (isObjectId(rest[1])) {
    path.target = Target::Object;
    path.id = rest[1];
  }
}

}  // namespace

std::string_view nameOf(ObjectType type) { return kTypeNames[indexOf(type)]; }

std::optional<ObjectType> parseObjectType(std::string_view name) {
  for (const ObjectType type : kAllTypes) {
    if (nameOf(type) == name) return type;
  }
  return std::nullopt;
}

bool isObjectId(std::string_view text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool isReservedName(std::string_view folder) {
  return folder == kConfig || parseObjectType(folder).has_value();
}

bool isOwnRootName(std::string_view folder) { return folder == ".coffer" || folder == ".htpasswd"; }

std::string ObjectPath::repository() const {
  std::string name;
  for (const std::string& folder : folders) name = below(name, folder);
  return name;
}

ObjectPath parseObjectPath(std::span<const std::string> segments) {
  ObjectPath path;
  if (segments.empty()) return path;
  const std::size_t folders = countFolders(segments);
  path.folders.assign(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(folders));
  if (areUsableFolders(path.folders)) readTarget(segments.subspan(folders), path);
  return path;
}

std::string configFile(const std::string& repository) { return below(repository, kConfig); }

std::string typeFolder(const std::string& repository, ObjectType type) {
  return below(repository, nameOf(type));
}

std::string dataPrefix(int index) {
  const char byte = static_cast<char>(index);
  return toHex(std::string_view(&byte, 1));
}

std::string objectFile(const std::string& repository, ObjectType type, std::string_view id) {
  std::string path = typeFolder(repository, type) + "/";
  if (type == ObjectType::Data) path += std::string(id.substr(0, 2)) + "/";
  return path += id;
}

}  // namespace coffer::restic
