// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_pages.h"

#include "services/vault/ciphers/cipher_json.h"

#include <array>
#include <charconv>
#include <utility>

namespace coffer::vault {
namespace {

// Stored bodies in a page; with what is written around each item it comes to some 64 KiB.
constexpr std::size_t kPageBytes = 48 * 1024;

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

}  // namespace

bool clientKnowsType(std::string_view clientVersion, int type) {
  constexpr Version kSshKeys = {2024, 12, 0};
  constexpr Version kNewItemTypes = {2026, 2, 0};
  if (type < 5) return true;
  const auto version = parseVersion(clientVersion);
  return !version || *version >= (type == 5 ? kSshKeys : kNewItemTypes);
}

CipherPages::CipherPages(const VaultContext& context, std::string userId,
                         const http::Request& request)
    : userId_(std::move(userId)),
      clientVersion_(request.header("Bitwarden-Client-Version")),
      dialect_(dialectOf(request)),
      links_(context, request) {}

bool CipherPages::appendPage(storage::Transaction& tx, std::string& out) {
  storage::CipherStore ciphers(tx);
  const auto append = [&](const storage::CipherView& cipher) {
    if (!clientKnowsType(clientVersion_, cipher.type)) return;
    if (!std::exchange(empty_, false)) out.push_back(',');
    appendCipher(out, cipher, dialect_, links_);
  };
  // A page of hidden items only must not become an empty piece, which would end the body.
  const auto before = out.size();
  bool more = true;
  while (more && out.size() == before)
    more = ciphers.pageVisible(userId_, cursor_, kPageBytes, append);
  return more;
}

}  // namespace coffer::vault
