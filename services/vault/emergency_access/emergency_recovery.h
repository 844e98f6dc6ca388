// SPDX-License-Identifier: BSD-2-Clause
//
// The emergency itself (vault-extras 3.3 and 3.4): ask, grant or refuse, look or take over.
#pragma once

#include "appliance/http/response.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"
#include "storage/stores/emergency_access_store.h"

#include <string>

namespace coffer::vault {

storage::EmergencyAccess initiateRecovery(const VaultContext& context, const Session& session,
                                          const std::string& id);
storage::EmergencyAccess approveRecovery(const VaultContext& context, const Session& session,
                                         const std::string& id);
storage::EmergencyAccess rejectRecovery(const VaultContext& context, const Session& session,
                                        const std::string& id);

// The grantor's personal items and the key to them; made while it is sent.
http::Response viewVault(const VaultContext& context, const http::Request& request,
                         const std::string& id);
// One of these items' attachments, with a link.
http::Response viewAttachment(const VaultContext& context, const http::Request& request,
                              const std::string& id);
// What the grantee needs to set a new password.
http::Response takeOver(const VaultContext& context, const Session& session, const std::string& id);
// Sets the grantor's password. Ends every session of theirs and removes every second factor, which
// the grantee does not have. Hash lane.
void setGrantorPassword(const VaultContext& context, const Session& session, const std::string& id,
                        const json::Object& form);

}  // namespace coffer::vault
