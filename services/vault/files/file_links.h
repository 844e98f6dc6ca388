// SPDX-License-Identifier: BSD-2-Clause
//
// Tokens in the addresses of downloads: they let whoever holds one fetch one file for a few
// minutes (vault-extras 1.6 and 2.9 D). HMAC-SHA256 under a key that lives as long as the process;
// the purpose and the file are part of what is signed, so that no token serves for another file or
// as anything else.
//
// Threads: any.
#pragma once

#include "appliance/base/clock.h"

#include <string>
#include <string_view>

namespace coffer::vault {

enum class FilePurpose { Attachment, Send };

constexpr UnixMicros kFileLinkLifetime = 5 * kMinute;

class FileLinks {
 public:
  FileLinks();  // A random key.

  // base64url, to be put into a query as it is. `owner` is the cipher's or Send's id.
  std::string sign(FilePurpose purpose, std::string_view owner, std::string_view file,
                   UnixMicros now) const;
  [[nodiscard]] bool isValid(std::string_view token, FilePurpose purpose, std::string_view owner,
                             std::string_view file, UnixMicros now) const;

 private:
  std::string key_;
};

}  // namespace coffer::vault
