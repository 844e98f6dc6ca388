// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/auth_request_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kIsKnown{"auth_requests.is_known", "SELECT 1 FROM auth_requests WHERE id = $1"};

}  // namespace

bool AuthRequestStore::isKnown(std::string_view id) { return db_.query(kIsKnown, id).next(); }

}  // namespace coffer::storage
