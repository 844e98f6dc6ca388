// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_pages.h"

#include "services/vault/ciphers/cipher_json.h"

#include <array>
#include <charconv>
#include <memory>
#include <utility>

namespace coffer::vault {
namespace {

// Stored bodies in a page; with what is written around each item it comes to some 64 KiB.
constexpr std::size_t kPageBytes = 48 * 1024;

constexpr std::string_view kJson = "application/json";

using Version = std::array<int, 3>;

std::optional<Version> parseVersion(std::string_view text) {
  Version version{};
  for (std::size_t i = 0; i < version.size(); ++i) {
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, version[i]);
    if (result.ec != std::errc() || version[i] < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
    if (i + 1 < version.size()) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
  }
  return version;
}

class ItemStream final : public http::BodySource {
 public:
  ItemStream(storage::Database& database, std::string head, CipherPages pages, std::string tail)
      : database_(database),
        head_(std::move(head)),
        pages_(std::move(pages)),
        tail_(std::move(tail)) {}

  bool read(std::string& out) override {
    if (ended_) return false;
    if (!head_.empty()) {
      out += std::exchange(head_, {});
      return true;
    }
    ended_ = !database_.read([&](storage::Transaction& tx) { return pages_.appendPage(tx, out); });
    if (ended_) out += tail_;
    return true;
  }

 private:
  storage::Database& database_;
  std::string head_;
  CipherPages pages_;
  std::string tail_;
  bool ended_ = false;
};

}  // namespace

bool clientKnowsType(std::string_view clientVersion, int type) {
  constexpr Version kSshKeys = {2024, 12, 0};
  constexpr Version kNewItemTypes = {2026, 2, 0};
  if (type < 5) return true;
  const auto version = parseVersion(clientVersion);
  return !version || *version >= (type == 5 ? kSshKeys : kNewItemTypes);
}

CipherPages::CipherPages(std::string userId, const http::Request& request)
    : userId_(std::move(userId)),
      clientVersion_(request.header("Bitwarden-Client-Version")),
      dialect_(dialectOf(request)) {}

bool CipherPages::appendPage(storage::Transaction& tx, std::string& out) {
  storage::CipherStore ciphers(tx);
  const auto append = [&](const storage::CipherView& cipher) {
    if (!clientKnowsType(clientVersion_, cipher.type)) return;
    if (!std::exchange(empty_, false)) out.push_back(',');
    appendCipher(out, cipher, dialect_);
  };
  // A page of hidden items only must not become an empty piece, which would end the body.
  const auto before = out.size();
  bool more = true;
  while (more && out.size() == before)
    more = ciphers.pageVisible(userId_, cursor_, kPageBytes, append);
  return more;
}

http::Response itemsResponse(storage::Database& database, std::string head,
                             std::optional<CipherPages> rest, std::string tail) {
  if (!rest) return http::Response::json(std::move(head) + tail);
  return http::Response::stream(
      std::make_unique<ItemStream>(database, std::move(head), std::move(*rest), std::move(tail)),
      kJson);
}

}  // namespace coffer::vault
