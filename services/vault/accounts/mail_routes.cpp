// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/mail_routes.h"

#include "services/vault/accounts/account_deletion.h"
#include "services/vault/accounts/email_change.h"
#include "services/vault/accounts/email_verification.h"
#include "services/vault/accounts/password_hint.h"
#include "services/vault/accounts/protected_action.h"
#include "services/vault/identity/new_device.h"
#include "services/vault/respond.h"

namespace coffer::vault {

std::vector<http::Route> accountMailRoutes(const VaultContext& c) {
  using http::Lane;
  using Handler = http::Response (*)(const VaultContext&, http::Request&);
  const auto session = [&](const char* pattern, Lane lane, Handler handler) {
    return http::Route(http::Method::Post, pattern, c.session, kSmallBody, lane, with(c, handler));
  };
  const auto open = [&](const char* pattern, Lane lane, Handler handler) {
    return http::Route(http::Method::Post, pattern, http::anyone(), kSmallBody, lane,
                       with(c, handler));
  };
  return {
      session("/api/accounts/email-token", Lane::Hash, beginEmailChange),
      session("/api/accounts/email", Lane::Hash, finishEmailChange),
      session("/api/accounts/verify-email", Lane::Disk, mailVerification),
      open("/api/accounts/verify-email-token", Lane::Disk, verifyByToken),
      open("/api/accounts/delete-recover", Lane::Disk, mailDeletion),
      open("/api/accounts/delete-recover-token", Lane::Disk, deleteByToken),
      open("/api/accounts/password-hint", Lane::Disk, sendPasswordHint),
      session("/api/accounts/request-otp", Lane::Disk, mailProtectedActionCode),
      session("/api/accounts/verify-otp", Lane::Disk, verifyProtectedActionCode),
      open("/api/accounts/resend-new-device-otp", Lane::Hash, resendNewDeviceCode),
  };
}

}  // namespace coffer::vault
