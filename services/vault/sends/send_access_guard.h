// SPDX-License-Identifier: BSD-2-Clause
//
// Lets in the holder of a Send's token (send_token.h), on the routes that read that Send. Everybody
// else, the holder of a login token too, gets Unauthorized. Whether the Send can still be read is
// the operation's to ask.
//
// Threads: any. References must outlive it.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/route.h"

namespace coffer::vault {

class TokenSigner;

// Attaches a SendGrant to the request.
class SendAccessGuard final : public http::Guard {
 public:
  SendAccessGuard(const Clock& clock, const TokenSigner& tokens) : clock_(clock), tokens_(tokens) {}

  std::string_view description() const override { return "send token"; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

 private:
  const Clock& clock_;
  const TokenSigner& tokens_;
};

}  // namespace coffer::vault
