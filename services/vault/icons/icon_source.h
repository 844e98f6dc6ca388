// SPDX-License-Identifier: BSD-2-Clause
//
// Icons of sites, from the disk or else from the sites (vault-extras 9.6).
//
// Threads: any. Of several who want the icon of one site at once, one fetches it and the others
// wait for that. Lifetime: the context must outlive the source.
#pragma once

#include "appliance/base/guarded.h"
#include "services/vault/icons/icon_fetcher.h"
#include "services/vault/icons/icon_service.h"
#include "storage/blobs/file_cache.h"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace coffer::vault {

struct VaultContext;

struct StoredIcon {
  storage::OpenBlob file;
  std::string_view type;  // "image/png", …
};
// It is known that the site has none.
struct NoIcon {};

class IconSource {
 public:
  explicit IconSource(const VaultContext& context);

  // What was kept and is not too old; nothing when the site has to be asked. One look at the disk.
  std::optional<std::variant<StoredIcon, NoIcon>> find(const std::string& host) const;

  // Asks the site and keeps what it says. The image's bytes; "" for none. Blocks (icon_fetcher.h).
  // Throws Unavailable when the program ends before there is an answer.
  std::string fetch(const std::string& host);

  [[nodiscard]] bool isBlocked(const std::string& host) const;

 private:
  using Bytes = std::shared_ptr<const std::string>;
  std::string fetchAndKeep(const std::string& host);

  const VaultContext& context_;
  const BlockedHosts blocked_;
  const IconFetcher fetcher_;
  storage::FileCache cache_;  // An empty file for a site without an icon.
  Guarded<std::map<std::string, std::shared_future<Bytes>>> running_;
};

}  // namespace coffer::vault
