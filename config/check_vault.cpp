// SPDX-License-Identifier: BSD-2-Clause
#include "config/check_vault.h"

#include "appliance/base/cron.h"
#include "appliance/base/log.h"
#include "config/address.h"

#include <Poco/Exception.h>
#include <Poco/RegularExpression.h>

#include <algorithm>
#include <array>
#include <utility>

namespace coffer::config {
namespace {

constexpr std::size_t kMaxPattern = 1024;

std::string quoted(const std::string& text) { return '"' + log::escaped(text) + '"'; }

bool isOrigin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.front() != '/' && rest.back() != '/' &&
           rest.find_first_of(" ?#@\\") == std::string_view::npos;
  }
  return false;
}

bool startsLikeUrl(const std::string& text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

void checkAccounts(const VaultCheck& check) {
  const VaultSettings& vault = check.settings.vault;
  const bool byDomain = vault.signups == VaultSignups::Domains;
  if (byDomain && vault.signupDomains.empty()) {
    check.error("vault.signups", "domains needs vault.signup_domains");
  }
  if (!byDomain && !vault.signupDomains.empty()) {
    check.error("vault.signup_domains", "is given, but vault.signups is not domains");
  }
  for (const std::string& domain : vault.signupDomains) {
    if (domain.empty() || domain.find_first_of("@/ ") != std::string::npos) {
      check.error("vault.signup_domains", quoted(domain) + " is not a domain such as example.org");
    }
  }
  if (!vault.origin.empty() && !isOrigin(vault.origin)) {
    check.error("vault.origin",
                quoted(vault.origin) +
                    " is not a URL such as https://vault.example.org, without a slash at the end");
  }
  if (vault.signups == VaultSignups::Open && check.isExposed) {
    check.warning("vault.signups", "is open: whoever reaches the listener can make an account");
  }
}

void checkMail(const VaultCheck& check) {
  const MailSettings& mail = check.settings.mail;
  const bool hasWayOut = !mail.host.empty() || !mail.sendmail.empty();
  if (!mail.host.empty() && !mail.sendmail.empty()) {
    check.error("mail.sendmail", "cannot be given together with mail.host");
  }
  if (hasWayOut && mail.from.empty()) check.error("mail.from", "is needed to send mail");
  // Whoever asks for a mail would choose where its link leads: to a page that collects the tokens.
  if (hasWayOut && check.settings.vault.origin.empty()) {
    check.error("vault.origin", "is needed to send mail: links in mails lead there");
  }
  if (!mail.from.empty()) {
    if (!hasWayOut) check.error("mail.from", "needs mail.host or mail.sendmail");
    const auto at = mail.from.find('@');
    if (at == 0 || at == std::string::npos || at + 1 == mail.from.size() ||
        mail.from.find_first_of(" <>,\r\n") != std::string::npos) {
      check.error("mail.from", quoted(mail.from) + " is not an address such as vault@example.org");
    }
  }
  if (mail.user.empty() != mail.password.empty()) {
    check.error("mail.user", "and mail.password belong together");
  }
  if (!mail.user.empty() && mail.security == MailSecurity::None) {
    check.warning("mail.security", "is none: the password travels in clear");
  }
  for (const std::string& mechanism : mail.mechanisms) {
    if (mechanism != "plain" && mechanism != "login") {
      check.error("mail.mechanisms", quoted(mechanism) + " is neither plain nor login");
    }
  }
  if (mail.acceptInvalidCertificates) {
    check.warning("mail.accept_invalid_certificates",
                  "is on: whoever is in between can read the mails");
  }
  if (check.settings.vault.verifySignups && !hasWayOut) {
    check.error("vault.verify_signups", "needs mail: see mail.host");
  }
}

void checkFactors(const VaultCheck& check) {
  const TwoFactorSettings& factors = check.settings.twoFactor;
  if (factors.yubicoClientId.empty() != factors.yubicoSecretKey.empty()) {
    check.error("two_factor.yubico_client_id", "and two_factor.yubico_secret_key belong together");
  }
  if (!startsLikeUrl(factors.yubicoServer)) {
    check.error("two_factor.yubico_server", quoted(factors.yubicoServer) + " is not a URL");
  }
  const bool isAny =
      !factors.duoHost.empty() || !factors.duoClientId.empty() || !factors.duoClientSecret.empty();
  const bool isAll =
      !factors.duoHost.empty() && !factors.duoClientId.empty() && !factors.duoClientSecret.empty();
  if (isAny && !isAll) {
    check.error("two_factor.duo_host",
                "two_factor.duo_client_id and two_factor.duo_client_secret belong together");
  }
}

void checkPush(const VaultCheck& check) {
  const PushSettings& push = check.settings.push;
  if (push.enabled && (push.installationId.empty() || push.installationKey.empty())) {
    check.error("push.enabled", "needs push.installation_id and push.installation_key");
  }
  for (const auto& [path, url] :
       {std::pair{"push.relay", &push.relay}, {"push.identity", &push.identity}}) {
    if (!url->starts_with("https://")) check.error(path, quoted(*url) + " is not an https URL");
  }
}

void checkIcons(const VaultCheck& check) {
  const IconSettings& icons = check.settings.icons;
  static const std::array<std::string_view, 5> kServices = {"internal", "off", "bitwarden",
                                                            "duckduckgo", "google"};
  const bool isNamed =
      std::find(kServices.begin(), kServices.end(), icons.service) != kServices.end();
  const auto place = icons.service.find("{}");
  const bool isTemplate = startsLikeUrl(icons.service) && place != std::string::npos &&
                          icons.service.find("{}", place + 2) == std::string::npos;
  if (!isNamed && !isTemplate) {
    check.error("icons.service",
                quoted(icons.service) +
                    " is none of internal, off, bitwarden, duckduckgo, google, and no URL with "
                    "one {} in it");
  }
  const unsigned status = icons.redirectStatus;
  if (status != 301 && status != 302 && status != 307 && status != 308) {
    check.error("icons.redirect_status", "must be 301, 302, 307 or 308");
  }
  if (icons.blockedPattern.size() > kMaxPattern) {
    check.error("icons.blocked_pattern", "is too long");
    return;
  }
  try {
    const Poco::RegularExpression compiled(icons.blockedPattern);
  } catch (const Poco::RegularExpressionException& e) {
    check.error("icons.blocked_pattern",
                quoted(icons.blockedPattern) + " is not a regular expression: " + e.message());
  }
}

void checkJobs(const VaultCheck& check) {
  const JobSettings& jobs = check.settings.jobs;
  const std::pair<const char*, const std::string*> all[] = {
      {"jobs.purge_sends", &jobs.purgeSends},
      {"jobs.purge_trash", &jobs.purgeTrash},
      {"jobs.incomplete_logins", &jobs.incompleteLogins},
      {"jobs.emergency_timeouts", &jobs.emergencyTimeouts},
      {"jobs.emergency_reminders", &jobs.emergencyReminders},
      {"jobs.purge_auth_requests", &jobs.purgeAuthRequests},
      {"jobs.purge_expired", &jobs.purgeExpired},
      {"jobs.remove_files", &jobs.removeFiles},
      {"jobs.sweep_files", &jobs.sweepFiles}};
  for (const auto& [path, text] : all) {
    std::string reason;
    if (!text->empty() && !CronSchedule::parse(*text, reason)) check.error(path, reason);
  }
}

}  // namespace

void checkVault(const VaultCheck& check) {
  checkAccounts(check);
  checkMail(check);
  checkFactors(check);
  checkPush(check);
  checkIcons(check);
  checkJobs(check);
}

}  // namespace coffer::config
