// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_links.h"

#include "appliance/base/random.h"

namespace coffer::vault {

FileLinks::FileLinks() : key_(randomBytes(32)) {}

}  // namespace coffer::vault
