// SPDX-License-Identifier: BSD-2-Clause
//
// A refusal of the token endpoint: 400 in the form of OAuth (RFC 6749 section 5.2) with the members
// that clients look for (vault-core 1.11). error_body.h renders it.
#pragma once

#include "appliance/base/fault.h"

#include <string>
#include <utility>

namespace coffer::vault {

class IdentityError : public BadRequest {
 public:
  // `message` is for people; without one the body is {"error": …} alone. `members` are further
  // JSON members without braces, such as TwoFactorProviders2.
  IdentityError(std::string error, std::string description, std::string message,
                std::string members = {})
      : BadRequest(message.empty() ? error : message, error + " " + description),
        error_(std::move(error)),
        description_(std::move(description)),
        message_(std::move(message)),
        members_(std::move(members)) {}

  const std::string& error() const { return error_; }
  const std::string& description() const { return description_; }
  const std::string& message() const { return message_; }
  const std::string& members() const { return members_; }

 private:
  std::string error_;
  std::string description_;
  std::string message_;
  std::string members_;
};

}  // namespace coffer::vault
