// SPDX-License-Identifier: BSD-2-Clause
//
// Long answers made while they are sent: pages that are each read in a short transaction of their
// own, so that an answer of any length takes constant memory and holds no reader back.
#pragma once

#include "appliance/http/response.h"
#include "storage/database/database.h"

#include <functional>
#include <optional>
#include <string>

namespace coffer::vault {

// Appends the next page; false when there are no more. A page that is followed by another one is
// not empty.
using Pages = std::function<bool(storage::Transaction& tx, std::string& out)>;

// A JSON body of `head`, which ends with the first page; the pages that follow, if any; and `tail`.
// `database` must outlive the response.
http::Response pagedAnswer(storage::Database& database, std::string head, std::optional<Pages> rest,
                           std::string tail);

// {"object":"list","continuationToken":null,"data":[…]} of all pages.
http::Response pagedList(storage::Database& database, Pages pages);

}  // namespace coffer::vault
