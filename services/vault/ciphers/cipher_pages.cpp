// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_pages.h"

#include "services/vault/ciphers/cipher_json.h"
#include "services/vault/client_version.h"

#include <utility>

namespace coffer::vault {
namespace {

// Stored bodies in a page; with what is written around each item it comes to some 64 KiB.
constexpr std::size_t kPageBytes = 48 * 1024;

}  // namespace

bool clientKnowsType(std::string_view clientVersion, int type) {
  constexpr ClientVersion kSshKeys{2024, 12, 0};
  constexpr ClientVersion kNewItemTypes{2026, 2, 0};
  if (type < 5) return true;
  const auto version = parseClientVersion(clientVersion);
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
