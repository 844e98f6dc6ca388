// SPDX-License-Identifier: BSD-2-Clause
//
// Which file a URL means. The grammar is restic's (REST backend, and rest-server's folders):
//
//   /[folder/[folder/]]                   the repository itself
//   /[folder/[folder/]]config
//   /[folder/[folder/]]{type}/            the names of all objects of a type
//   /[folder/[folder/]]{type}/{id}        id: 64 of [0-9a-f], the SHA-256 of the content
//
// Up to two folders; the five types and "config" are never folders. Everything else is Unknown, and
// so are ".coffer" and ".htpasswd" as the first folder: those two are ours. Pure, no disk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::restic {

enum class ObjectType : std::uint8_t { Data, Index, Keys, Locks, Snapshots };
constexpr std::size_t kTypeCount = 5;
constexpr std::array<ObjectType, kTypeCount> kAllTypes = {ObjectType::Data, ObjectType::Index,
                                                          ObjectType::Keys, ObjectType::Locks,
                                                          ObjectType::Snapshots};

std::string_view nameOf(ObjectType type);
std::optional<ObjectType> parseObjectType(std::string_view name);
constexpr std::size_t indexOf(ObjectType type) { return static_cast<std::size_t>(type); }

[[nodiscard]] bool isObjectId(std::string_view text);
[[nodiscard]] bool isReservedName(std::string_view folder);  // A type, or "config".
[[nodiscard]] bool isOwnRootName(std::string_view folder);   // ".coffer", ".htpasswd".

enum class Target : std::uint8_t { Unknown, Repository, Config, List, Object };

struct ObjectPath {
  std::vector<std::string> folders;  // 0 to 2, also when the target is Unknown.
  Target target = Target::Unknown;
  ObjectType type = ObjectType::Data;  // For List and Object.
  std::string id;                      // For Object.

  std::string repository() const;  // "a/b"; "" for the repository at the root.
};

// From the decoded segments of a path ("/a/" → {"a", ""}), as http::Request::segments() has them.
ObjectPath parseObjectPath(std::span<const std::string> segments);

// Paths below the data folder.
std::string configFile(const std::string& repository);
std::string typeFolder(const std::string& repository, ObjectType type);
// Data objects lie in a folder named after the first two digits, the others side by side.
std::string dataPrefix(int index);  // 0 to 255 → "00" to "ff".
std::string objectFile(const std::string& repository, ObjectType type, std::string_view id);

}  // namespace coffer::restic
