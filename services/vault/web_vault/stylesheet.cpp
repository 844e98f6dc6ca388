// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/stylesheet.h"

#include <initializer_list>
#include <string_view>

namespace coffer::vault {
namespace {

void hide(std::string& css, std::initializer_list<std::string_view> selectors) {
  for (const auto selector : selectors) {
    css += selector;
    css += " { display: none !important; }\n";
  }
}

}  // namespace

std::string stylesheetFor(const VaultOptions& options, const StylesheetFacts& facts) {
  std::string css;
  // Paid plans, and single sign-on.
  hide(css, {R"(bit-nav-item[route="settings/subscription"])",
             R"(a[href$="/settings/sponsored-families"])",
             R"(app-organization-plans > form > bit-section:nth-child(2))",
             R"(bit-nav-item[route="settings/two-factor"])", R"(a[href$="/settings/two-factor"])",
             ".vw-email-sso", ".vw-sso-login", ".vw-or-text", ".vw-other-login"});
  if (!facts.mayRegister) hide(css, {R"(app-root a[routerlink="/signup"])"});
  if (!options.rememberTwoFactor) hide(css, {"app-two-factor-auth > form > bit-form-control"});
  if (!options.mail.isConfigured()) hide(css, {".providers-2fa-1"});
  if (!options.mail.isConfigured() || !options.newDeviceVerification) {
    hide(css, {"app-security > app-two-factor-setup > form",
               "app-user-layout app-danger-zone button:nth-child(1)"});
  }
  if (options.yubico.clientId.empty()) hide(css, {".providers-2fa-3"});
  if (!facts.canUseSecurityKeys) {
    hide(css, {".providers-2fa-7", ".vw-passkey-login",
               "app-user-layout app-password-settings app-webauthn-login-settings"});
  }
  if (!options.emergencyAccess) hide(css, {R"(bit-nav-item[route="settings/emergency-access"])"});
  if (!options.sends) hide(css, {R"(bit-nav-item[route="sends"])"});
  if (!options.passwordHints) hide(css, {R"(a[routerlink="/hint"])", ".vw-password-hint"});
  return css;
}

std::string withStylesheet(std::string page) {
  if (page.find("css/vaultwarden.css") != std::string::npos) return page;
  const auto end = page.find("</head>");
  if (end != std::string::npos) {
    page.insert(end, R"(<link rel="stylesheet" href="css/vaultwarden.css">)");
  }
  return page;
}

}  // namespace coffer::vault
