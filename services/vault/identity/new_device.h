// SPDX-License-Identifier: BSD-2-Clause
//
// A login from a device that the account has not been entered from: a code that is mailed and asked
// for (vault-core 3.7), and a mail that tells of it (vault-operations 5.2).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/vault_context.h"

#include <optional>

namespace coffer::vault {

// For a password login of an account without a second factor. Returns when the login may go on:
// the device is known, the code in the form is right, or none is asked for, because the owner of
// the account or of the box does not want it, there is no mail, or the account is younger than a
// day or has no device yet. Throws the refusal that makes the client ask for the code. Codes are
// charged like those of second factors: whoever guesses one has the right password.
void requireKnownDevice(const VaultContext& context, const http::Request& request,
                        const TokenForm& form, const LoginAttempt& attempt,
                        const DeviceClaim& device);

// The mail to send in the transaction that records the login, when there is somebody to tell: not
// at the account's first device.
std::optional<RenderedMail> newDeviceMail(const VaultContext& context, const http::Request& request,
                                          const storage::User& user, const DeviceClaim& device);

// POST /accounts/resend-new-device-otp: 200 whatever is wrong. Hash lane.
http::Response resendNewDeviceCode(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
