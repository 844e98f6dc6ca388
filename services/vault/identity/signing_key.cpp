// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "services/vault/identity/token_signer.h"
#include "storage/blobs/durable_file.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxPemBytes = 64 * KiB;

}  // namespace

TokenSigner openTokenSigner(const std::string& folder) {
  const std::string path = folder + "/rsa_key.pem";
  storage::makeDirectoriesDurably(folder, 0700);
  if (auto pem = storage::readSmallFile(path, kMaxPemBytes)) {
    const Secret held(std::move(*pem));
    try {
      return TokenSigner(RsaKey::fromPem(held.reveal()));
    } catch (const UsageError& error) {
      throw UsageError(path + ": " + error.what());
    }
  }
  RsaKey key = RsaKey::generate();
  const Secret pem(key.toPem());
  storage::replaceFileDurably(path, pem.reveal(), 0600);
  log::info("vault", "made the key that signs sessions", {{"file", path}});
  return TokenSigner(std::move(key));
}

}  // namespace coffer::vault
