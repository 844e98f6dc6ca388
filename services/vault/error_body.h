// SPDX-License-Identifier: BSD-2-Clause
//
// Refusals and faults as Bitwarden clients read them (vault-core 1.11): the API's form, and below
// /identity/ the token endpoint's, which carries the members of the other one too.
#pragma once

#include "appliance/base/fault.h"
#include "appliance/http/request.h"
#include "appliance/http/response.h"

namespace coffer::vault {

http::Response renderVaultError(const http::Request& request, const Fault& fault);

}  // namespace coffer::vault
