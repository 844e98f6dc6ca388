// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/vault_context.h"

namespace coffer::vault {

std::string baseUrl(const VaultContext& context, const http::Request& request) {
  const std::string& configured = context.options.origin;
  return (configured.empty() ? request.origin() : configured) + request.mount().prefix;
}

}  // namespace coffer::vault
