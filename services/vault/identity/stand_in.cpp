// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/stand_in.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "services/vault/identity/token_signer.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kIdLength = 36;

// Somewhere among the ids, which are random and begin with hexadecimal digits.
std::string pointOf(const VaultContext& context, const std::string& email) {
  return toHex(hmacSha256(context.tokens.decoyKey(), "stand-in " + email)).substr(0, kIdLength);
}

}  // namespace

storage::StandIn standInFor(const VaultContext& context, storage::Transaction& tx,
                            const std::string& email) {
  if (auto found = storage::UserStore(tx).findStandIn(pointOf(context, email))) return *found;
  return {storage::Kdf{}, context.options.passwordIterations};
}

}  // namespace coffer::vault
