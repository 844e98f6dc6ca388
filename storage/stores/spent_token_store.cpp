// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/spent_token_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kSpend{"spent_tokens.spend", R"(
    INSERT INTO spent_tokens (token_hash, expires_at) VALUES ($1, $2)
    ON CONFLICT (token_hash) DO NOTHING)"};

}  // namespace

bool SpentTokenStore::spend(std::string_view hash, UnixMicros expiresAt) {
  return db_.run(kSpend, Blob{hash}, expiresAt) == 1;
}

}  // namespace coffer::storage
