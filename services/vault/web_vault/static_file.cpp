// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/static_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/web_vault/conditional.h"
#include "storage/blobs/root_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <utility>

namespace coffer::vault {
namespace {

using http::Response;

struct FileKind {
  std::string_view ending;
  std::string_view type;
  bool isCompressible;
};

constexpr std::array<FileKind, 24> kKinds{{
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".wasm", "application/wasm", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".xml", "application/xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".ico", "image/x-icon", true},
    {".ttf", "font/ttf", true},
    {".woff", "font/woff", false},
    {".woff2", "font/woff2", false},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".jpeg", "image/jpeg", false},
    {".gif", "image/gif", false},
    {".webp", "image/webp", false},
    {".avif", "image/avif", false},
    {".mp4", "video/mp4", false},
    {".webm", "video/webm", false},
    {".pdf", "application/pdf", false},
}};

const FileKind* kindOf(std::string_view name) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const FileKind& kind) {
    return name.ends_with(kind.ending);
  });
  return found == kKinds.end() ? nullptr : &*found;
}

// Of what changes whenever somebody replaces or writes the file, on this disk.
std::string entityTagOf(const struct stat& info) {
  std::array<char, 96> text;
  const int length = std::snprintf(text.data(), text.size(), "\"%llx-%llx-%llx%09lx\"",
                                   static_cast<unsigned long long>(info.st_ino),
                                   static_cast<unsigned long long>(info.st_size),
                                   static_cast<unsigned long long>(info.st_ctim.tv_sec),
                                   static_cast<unsigned long>(info.st_ctim.tv_nsec));
  return {text.data(), static_cast<std::size_t>(length)};
}

struct Encoding {
  const char* name;
  const char* ending;
};
constexpr std::array<Encoding, 2> kEncodings{{{"br", ".br"}, {"gzip", ".gz"}}};  // Smallest first.

// The file or a compressed one beside it, which `encoding` then names.
std::optional<StaticFile> openSmallest(const std::string& folder, const std::string& path,
                                       std::string_view accepted, std::string_view& encoding) {
  for (const auto& [name, ending] : kEncodings) {
    if (!acceptsEncoding(accepted, name)) continue;
    if (auto file = openStaticFile(folder, path + ending)) {
      encoding = name;
      return file;
    }
  }
  return openStaticFile(folder, path);
}

}  // namespace

std::optional<StaticFile> openStaticFile(const std::string& folder, const std::string& relative) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return std::nullopt;
  StaticFile found;
  try {
    // O_NONBLOCK: a pipe that lies there must not hold a worker.
    found.file = storage::RootFolder(folder).open(relative, O_RDONLY | O_NONBLOCK);
  } catch (const Fault&) {  // The folder has gone in this moment, or may not be read.
    return std::nullopt;
  }
  if (!found.file || ::fstat(found.file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return std::nullopt;
  }
  found.size = static_cast<std::uint64_t>(info.st_size);
  found.entityTag = entityTagOf(info);
  return found;
}

std::optional<std::string> staticPathOf(std::span<const std::string> segments) {
  std::string path;
  for (const auto& segment : segments) {
    // Empty at the end is a folder; the core has refused "..", NUL and what is not UTF-8.
    if (segment.empty() || segment.front() == '.' || segment.find('\\') != std::string::npos) {
      return std::nullopt;
    }
    if (!path.empty()) path += '/';
    path += segment;
  }
  if (path.empty() || !storage::isRelativePath(path)) return std::nullopt;
  return path;
}

std::optional<Response> answerStaticFile(const http::Request& request, const std::string& folder) {
  const auto path = staticPathOf(request.segments());
  if (!path) return std::nullopt;
  const bool isText = isCompressible(*path);
  std::string_view encoding;
  auto found = isText ? openSmallest(folder, *path, request.header("Accept-Encoding"), encoding)
                      : openStaticFile(folder, *path);
  if (!found) return std::nullopt;

  const bool isCurrent = namesTag(request.header("If-None-Match"), found->entityTag);
  auto response =
      isCurrent ? Response::empty(304)
                : Response::file({std::move(found->file), 0, found->size}, contentTypeOf(*path));
  response.header("ETag", found->entityTag);
  response.header("Cache-Control", hasHashedName(storage::lastNameOf(*path))
                                       ? "public, max-age=31536000, immutable"
                                       : "no-cache");
  if (isText) response.header("Vary", "Accept-Encoding");
  if (!encoding.empty() && !isCurrent) response.header("Content-Encoding", encoding);
  return response;
}

std::string_view contentTypeOf(std::string_view name) {
  const FileKind* kind = kindOf(name);
  return kind != nullptr ? kind->type : "application/octet-stream";
}

bool isCompressible(std::string_view name) {
  const FileKind* kind = kindOf(name);
  return kind != nullptr && kind->isCompressible;
}

bool hasHashedName(std::string_view name) {
  constexpr std::size_t kShortestHash = 8;
  const auto isHexDigit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  // Between dots; what follows the last one is the ending.
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    const auto part = name.substr(0, dot);
    name.remove_prefix(dot + 1);
    if (part.size() >= kShortestHash && std::all_of(part.begin(), part.end(), isHexDigit) &&
        std::any_of(part.begin(), part.end(), isDigit)) {
      return true;
    }
  }
  return false;
}

}  // namespace coffer::vault
