// SPDX-License-Identifier: BSD-2-Clause
//
// The files of a web vault's build (vault-extras 10.1, 10.2): which one a path means, and how it is
// answered.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/request.h"
#include "appliance/http/response.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coffer::vault {

struct StaticFile {
  UniqueFd file;
  std::uint64_t size = 0;
  std::string entityTag;  // Strong, with its quotes: another one whenever the file is another.
};

// The regular file at `relative` below `folder`; no link on the way is followed. Nothing when there
// is none, or no such folder. The folder is opened each time, so that it can be replaced meanwhile.
std::optional<StaticFile> openStaticFile(const std::string& folder, const std::string& relative);

// "app/main.js" of {"app", "main.js"}. Nothing for a hidden file, a folder, or a backslash.
std::optional<std::string> staticPathOf(std::span<const std::string> segments);

// The file that the request's path names, in the smallest form that the client takes, or 304.
// Nothing when there is none. Names with a hash of the content in them may be kept for ever, all
// others are asked for again each time.
std::optional<http::Response> answerStaticFile(const http::Request& request,
                                               const std::string& folder);

// By the end of the name; "application/octet-stream" for what is not known.
std::string_view contentTypeOf(std::string_view name);

// True for files that are worth compressing, by the end of their name.
[[nodiscard]] bool isCompressible(std::string_view name);

// True for "main.3f2a9b0c1d4e.js": another content would have another name.
[[nodiscard]] bool hasHashedName(std::string_view name);

}  // namespace coffer::vault
