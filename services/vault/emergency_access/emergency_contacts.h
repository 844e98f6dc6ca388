// SPDX-License-Identifier: BSD-2-Clause
//
// How two people come to trust each other (vault-extras 3.3 and 3.5): invite, accept, confirm, and
// what the grantor changes later. Mails go out with the change they tell of.
#pragma once

#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"

#include <string>

namespace coffer::vault {

void inviteContact(const VaultContext& context, const http::Request& request,
                   const json::Object& form);
void reinviteContact(const VaultContext& context, const http::Request& request,
                     const std::string& id);
void acceptInvitation(const VaultContext& context, const Session& session, const std::string& id,
                      std::string_view token);
void confirmContact(const VaultContext& context, const Session& session, const std::string& id,
                    const json::Object& form);
void updateContact(const VaultContext& context, const Session& session, const std::string& id,
                   const json::Object& form);
// By either side.
void removeContact(const VaultContext& context, const Session& session, const std::string& id);

}  // namespace coffer::vault
