// SPDX-License-Identifier: BSD-2-Clause
//
// Icons of web sites (vault-extras 9). What is kept is answered at once; what must be fetched is
// answered on Lane::Fetch, where slow sites wait for nobody but each other. Whatever goes wrong at
// a site, clients get an image.
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

// Throws UsageError when the options about icons make no sense.
std::vector<http::Route> iconRoutes(const VaultContext& context);

}  // namespace coffer::vault
