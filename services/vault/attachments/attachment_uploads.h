// SPDX-License-Identifier: BSD-2-Clause
//
// The requests that carry a file for an item (vault-extras 1.2 and 1.3).
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <memory>

namespace coffer::vault {

using UploadOpener = std::unique_ptr<http::BodySink> (*)(const VaultContext&, http::Request&);

// POST …/attachment/{aid}: the file of one that was announced. 200 without a body.
std::unique_ptr<http::BodySink> receiveAnnounced(const VaultContext& context,
                                                 http::Request& request);

// POST …/attachment: parts `key` and `data`, whose file name is the sealed name. The item.
std::unique_ptr<http::BodySink> receiveInOneStep(const VaultContext& context,
                                                 http::Request& request);

// For those who manage an organization: NotFound, before a byte is read.
std::unique_ptr<http::BodySink> refuseUpload(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
