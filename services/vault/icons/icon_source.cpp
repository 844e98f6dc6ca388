// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_source.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/outbound/ip_address.h"
#include "appliance/outbound/outbound_fault.h"
#include "appliance/outbound/public_address.h"
#include "services/vault/icons/icon_image.h"
#include "services/vault/vault_context.h"

#include <array>
#include <exception>
#include <unistd.h>

namespace coffer::vault {
namespace {

std::optional<std::string_view> typeOf(const storage::OpenBlob& blob) {
  std::array<char, kImageHead> head;
  const ssize_t n = ::pread(blob.file.get(), head.data(), head.size(), 0);
  if (n <= 0) return std::nullopt;
  return imageTypeOf({head.data(), static_cast<std::size_t>(n)});
}

std::string contentOf(const storage::OpenBlob& blob) {
  std::string bytes(blob.info.size, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t n =
        ::pread(blob.file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

}  // namespace

IconSource::IconSource(const VaultContext& context)
    : context_(context),
      blocked_(context.options.icons.blockedPattern),
      fetcher_(context.outbound, blocked_, context.options.icons),
      cache_(context.options.folder + "/icons", context.options.icons.maxCacheBytes,
             context.clock) {}

bool IconSource::isBlocked(const std::string& host) const {
  if (blocked_.contains(host)) return true;
  const auto address = outbound::parseIpAddress(host);
  return address && context_.options.icons.publicOnly && !isPublicAddress(*address);
}

std::optional<std::variant<StoredIcon, NoIcon>> IconSource::find(const std::string& host) const {
  std::optional<storage::OpenBlob> file;
  try {
    file = cache_.open(host);
  } catch (const Fault& fault) {  // The site can still be asked.
    log::warning("vault", "a kept icon cannot be read", {{"error", fault.what()}});
  }
  if (!file) return std::nullopt;
  const auto& options = context_.options.icons;
  const bool isMiss = file->info.size == 0;
  const auto lifetime = isMiss ? options.missLifetime : options.lifetime;
  const bool isOld = context_.clock.now() - file->info.modified >= lifetime.count() * kSecond;
  if (isOld && lifetime.count() != 0) return std::nullopt;
  if (isMiss) return NoIcon{};
  const auto type = typeOf(*file);
  if (!type) return std::nullopt;
  return StoredIcon{std::move(*file), *type};
}

std::string IconSource::fetch(const std::string& host) {
  std::promise<Bytes> promise;
  const auto [shared, isFirst] = running_.with([&](auto& running) {
    const auto found = running.find(host);
    if (found != running.end()) return std::pair{found->second, false};
    return std::pair{running.emplace(host, promise.get_future().share()).first->second, true};
  });
  if (!isFirst) return *shared.get();
  Bytes bytes = std::make_shared<const std::string>();
  const auto end = [&] { running_.with([&](auto& running) { running.erase(host); }); };
  try {
    bytes = std::make_shared<const std::string>(fetchAndKeep(host));
  } catch (const outbound::OutboundFault&) {
    end();
    promise.set_exception(std::current_exception());
    throw;
  } catch (const std::exception& e) {
    log::warning("vault", "an icon could not be fetched", {{"host", host}, {"error", e.what()}});
  }
  end();
  promise.set_value(bytes);
  return *bytes;
}

std::string IconSource::fetchAndKeep(const std::string& host) {
  // Somebody else may have fetched it since this request looked.
  if (const auto kept = find(host)) {
    const auto* icon = std::get_if<StoredIcon>(&*kept);
    return icon != nullptr ? contentOf(icon->file) : std::string();
  }
  auto result = fetcher_.fetch(host);
  // A destination that is blocked leaves no trace, which others could look for.
  if (result.kind == IconFetcher::Result::Kind::Blocked) return {};
  try {
    cache_.store(host, result.bytes);
  } catch (const Fault& fault) {  // A full disk, most likely: the icon is there all the same.
    log::warning("vault", "an icon could not be kept", {{"host", host}, {"error", fault.what()}});
  }
  return std::move(result.bytes);
}

}  // namespace coffer::vault
