// SPDX-License-Identifier: BSD-2-Clause
//
// The links that mails carry: pages of the web vault, which call the server with what is in them
// (vault-operations 5.2 and 5.3). Every value is percent-encoded, so that each reader of query
// strings gets back the same bytes.
//
// `base` is baseUrl() of vault_context.h, without a slash at its end.
#pragma once

#include <string>
#include <string_view>

namespace coffer::vault {

std::string verifyEmailLink(std::string_view base, std::string_view userId, std::string_view token);

// Of a registration that starts with the address.
std::string finishSignupLink(std::string_view base, std::string_view email, std::string_view token);

// Deletes the account, once its owner confirms there.
std::string recoverDeleteLink(std::string_view base, std::string_view userId,
                              std::string_view token, std::string_view email);

// `name` is the grantor's, `email` the grantee's.
std::string acceptEmergencyLink(std::string_view base, std::string_view id, std::string_view name,
                                std::string_view email, std::string_view token);

}  // namespace coffer::vault
