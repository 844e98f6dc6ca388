// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/fido_keys.h"

#include <openssl/evp.h>

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <new>

namespace coffer::vault {
namespace {

// `toOpenSsl` finds out whether the numbers make a key at all.
template <typename Key>
std::shared_ptr<void> load(std::string_view bytes, Key* key, void (*release)(Key**),
                           int (*read)(Key*, const void*, std::size_t),
                           EVP_PKEY* (*toOpenSsl)(const Key*)) {
  if (key == nullptr) throw std::bad_alloc();
  std::shared_ptr<void> owned(key, [release](void* object) {
    auto* typed = static_cast<Key*>(object);
    release(&typed);
  });
  if (read(key, bytes.data(), bytes.size()) != FIDO_OK) return nullptr;
  EVP_PKEY* usable = toOpenSsl(key);
  EVP_PKEY_free(usable);
  return usable == nullptr ? nullptr : owned;
}

}  // namespace

std::optional<FidoKey> FidoKey::make(int algorithm, std::string_view bytes) {
  std::shared_ptr<void> key;
  switch (algorithm) {
    case COSE_ES256:
      key = load(bytes, es256_pk_new(), es256_pk_free, es256_pk_from_ptr, es256_pk_to_EVP_PKEY);
      break;
    case COSE_EDDSA:
      key = load(bytes, eddsa_pk_new(), eddsa_pk_free, eddsa_pk_from_ptr, eddsa_pk_to_EVP_PKEY);
      break;
    case COSE_RS256:
      key = load(bytes, rs256_pk_new(), rs256_pk_free, rs256_pk_from_ptr, rs256_pk_to_EVP_PKEY);
      break;
    default:
      break;
  }
  if (!key) return std::nullopt;
  return FidoKey(algorithm, std::move(key));
}

}  // namespace coffer::vault
