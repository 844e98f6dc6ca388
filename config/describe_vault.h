// SPDX-License-Identifier: BSD-2-Clause
//
// The settings of the vault and of what it needs: mail, second factors, push, icons, web vault,
// scheduled work. Part of the one list, describe.h.
#pragma once

#include "config/range.h"
#include "config/settings.h"

namespace coffer::config {

template <typename Visitor>
void describeVault(VaultSettings& s, Visitor& visit) {
  visit.group("vault", "The password service.");
  visit.field("vault.origin", s.origin,
              "URL at which clients reach the vault, such as https://vault.example.org. Empty: as "
              "the client wrote it. Mail needs it; security keys and passkeys want it.");
  visit.field(
      "vault.signups", s.signups,
      "Who may make an account: nobody, whoever comes first and then those who are invited, "
      "invited addresses, those of vault.signup_domains, or everybody. The command line "
      "always may.");
  visit.field("vault.signup_domains", s.signupDomains, "Mail domains for signups domains.");
  visit.field("vault.verify_signups", s.verifySignups,
              "Whoever makes an account proves first, by mail, that the address is theirs.");
  visit.field("vault.password_iterations", s.passwordIterations, Range{100'000, 10'000'000},
              "Rounds of PBKDF2 that the server adds to the client's own hash.");
  visit.field("vault.minimum_client_iterations", s.minimumClientIterations, Range{5'000, 2'000'000},
              "Least rounds of PBKDF2 that a client may choose for its account.");
  visit.field("vault.password_hints", s.passwordHints, "Keep and send password hints.");
  visit.field("vault.show_password_hints", s.showPasswordHints,
              "Without mail: show the hint of an account to whoever asks with its address.");
  visit.field("vault.login_burst", s.loginBurst, Range{1, 1'000'000},
              "Login attempts at once, by address and by account.");
  visit.field("vault.login_refill", s.loginRefill, Range{1, kDaySeconds},
              "Time that gives one login attempt back.");
  visit.field("vault.anonymous_burst", s.anonymousBurst, Range{1, 1'000'000},
              "Other requests at once without a login, by address.");
  visit.field("vault.anonymous_refill", s.anonymousRefill, Range{1, kDaySeconds},
              "Time that gives one of these back.");
  visit.field("vault.new_device_mail", s.newDeviceMail,
              "Tell people by mail of a login from a device that was not known.");
  visit.field("vault.new_device_verification", s.newDeviceVerification,
              "Ask for a mailed code at such a login, where the account has no second factor.");
  visit.field("vault.email_change", s.emailChange, "People may change their address.");
  visit.field("vault.incomplete_login_notice", s.incompleteLoginNotice, Range{0, kDaySeconds},
              "Tell people of a login that knew the password and stopped at the second factor for "
              "so long. 0s: do not.");
  visit.field("vault.invitation_lifetime", s.invitationLifetime, Range{3600, 365 * kDaySeconds},
              "How long the links in mails are good for.");
  visit.field("vault.code_digits", s.codeDigits, Range{6, 12}, "Digits of mailed codes.");
  visit.field("vault.code_lifetime", s.codeLifetime, Range{60, kDaySeconds},
              "How long a mailed code is good for.");
  visit.field("vault.code_tries", s.codeTries, Range{1, 100},
              "Wrong tries after which a mailed code is void.");
  visit.field("vault.max_note_length", s.maxNoteLength, Range{10'000, 1'000'000},
              "Longest encrypted note, in characters.");
  visit.field("vault.attachments", s.attachments, "Files may be attached to items.");
  visit.field("vault.max_attachment_size", s.maxAttachmentSize, Range{1, 1024 * 1024 * kMebibyte},
              "Largest attached file.");
  visit.field("vault.attachment_quota", s.attachmentQuota,
              "Most that one person's attachments may take. 0: no limit.");
  visit.field("vault.sends", s.sends, "People may make and change Sends.");
  visit.field("vault.max_send_size", s.maxSendSize, Range{1, 1024 * 1024 * kMebibyte},
              "Largest file of a Send.");
  visit.field("vault.send_quota", s.sendQuota,
              "Most that the files of one person's Sends may take. 0: no limit.");
  visit.field("vault.trash_retention", s.trashRetention, Range{0, 3650 * kDaySeconds},
              "How long items stay in the trash before they are removed for good. 0s: for ever.");
  visit.field("vault.emergency_access", s.emergencyAccess,
              "People may name others who get at their vault in an emergency.");
  visit.field("vault.websocket", s.webSocket,
              "Tell clients of changes at once, over a connection they keep open.");
  visit.field("vault.feature_flags", s.featureFlags,
              "Features of the official clients that are switched on or off.");
}

template <typename Visitor>
void describeMail(MailSettings& s, Visitor& visit) {
  visit.group("mail", "How mail leaves the box. Off until mail.from and a way out are set.");
  visit.field("mail.host", s.host, "Name of the SMTP server. Empty: none.");
  visit.field("mail.port", s.port, Range{0, 65'535},
              "Its port. 0: 587, 465 or 25, by mail.security.");
  visit.field("mail.security", s.security,
              "STARTTLS, which is then insisted on, TLS from the first byte, or none.");
  visit.field("mail.user", s.user, "User name at the SMTP server. Empty: no login.");
  visit.field("mail.password", s.password, "Password there.");
  visit.field("mail.mechanisms", s.mechanisms,
              "Ways of logging in that may be used, of plain and login. Empty: both.");
  visit.field("mail.hello_name", s.helloName,
              "Name the box gives itself. Empty: the machine's name.");
  visit.field("mail.authority_file", s.authorityFile,
              "PEM file with authorities for the server's certificate, beside the system's.");
  visit.field("mail.accept_invalid_certificates", s.acceptInvalidCertificates,
              "Take any certificate: whoever is in between can then read the mails.");
  visit.field("mail.sendmail", s.sendmail,
              "Path of a sendmail program to hand mails to, instead of an SMTP server.");
  visit.field("mail.from", s.from, "Address that mails come from.");
  visit.field("mail.from_name", s.fromName, "Name that mails come from.");
  visit.field("mail.timeout", s.timeout, Range{1, 600}, "Longest wait for the server.");
  visit.field("mail.templates", s.templatesFolder,
              "Folder with templates that replace the built-in ones.");
}

template <typename Visitor>
void describeTwoFactor(TwoFactorSettings& s, Visitor& visit) {
  visit.group("two_factor", "Second factors of vault logins.");
  visit.field("two_factor.remember", s.remember,
              "Devices may be remembered, and are then not asked again for 30 days.");
  visit.field("two_factor.authenticator_drift", s.authenticatorDrift,
              "Take the codes of the half minute before and after, for clocks that differ.");
  visit.field("two_factor.yubico_client_id", s.yubicoClientId,
              "Client id at Yubico's validation service. Empty: no YubiKey codes.");
  visit.field("two_factor.yubico_secret_key", s.yubicoSecretKey, "Secret key of that client.");
  visit.field("two_factor.yubico_server", s.yubicoServer, "URL of the validation service.");
  visit.field("two_factor.duo_host", s.duoHost,
              "Duo's API host for accounts that name no application of their own.");
  visit.field("two_factor.duo_client_id", s.duoClientId, "Client id of that application.");
  visit.field("two_factor.duo_client_secret", s.duoClientSecret, "Its secret.");
}

template <typename Visitor>
void describePush(PushSettings& s, Visitor& visit) {
  visit.group("push", "Bitwarden's relay for messages to phones.");
  visit.field("push.enabled", s.enabled, "Tell phones of changes through the relay.");
  visit.field("push.installation_id", s.installationId, "Id from bitwarden.com/host.");
  visit.field("push.installation_key", s.installationKey, "Key from bitwarden.com/host.");
  visit.field("push.relay", s.relay, "URL of the relay.");
  visit.field("push.identity", s.identity, "URL where the relay's tokens are had.");
}

template <typename Visitor>
void describeIcons(IconSettings& s, Visitor& visit) {
  visit.group("icons", "Icons of web sites, which clients show beside items.");
  visit.field("icons.service", s.service,
              "Where icons come from: internal (fetched from the sites and kept), off, bitwarden, "
              "duckduckgo, google, or a URL with {} in the place of the host.");
  visit.field("icons.redirect_status", s.redirectStatus, Range{301, 308},
              "Status of the redirect to another service: 301, 302, 307 or 308.");
  visit.field("icons.lifetime", s.lifetime, Range{0, 3650 * kDaySeconds},
              "How long an icon is kept. 0s: for ever.");
  visit.field("icons.miss_lifetime", s.missLifetime, Range{60, 365 * kDaySeconds},
              "How long it is remembered that a site has none.");
  visit.field("icons.timeout", s.timeout, Range{1, 120}, "Longest wait for a site.");
  visit.field("icons.max_cache", s.maxCache, "Most that the kept icons may take.");
  visit.field("icons.public_only", s.publicOnly,
              "Never ask addresses that are not public: private, loopback, link-local ones.");
  visit.field("icons.blocked_pattern", s.blockedPattern,
              "Regular expression of host names and addresses that are never asked.");
}

template <typename Visitor>
void describeWebVault(WebVaultSettings& s, Visitor& visit) {
  visit.group("web_vault", "The web application, where one is installed.");
  visit.field("web_vault.enabled", s.enabled, "Serve it, or the page about this box.");
  visit.field("web_vault.folder", s.folder,
              "Folder of a build of the web vault. Empty: data_dir/web-vault.");
  visit.field("web_vault.frame_ancestors", s.frameAncestors,
              "Origins that may frame it, beside the browser extensions.");
  visit.field("web_vault.connect_sources", s.connectSources,
              "Origins that it may connect to, beside the usual ones.");
}

template <typename Visitor>
void describeJobs(JobSettings& s, Visitor& visit) {
  visit.group("jobs",
              "When scheduled work is done: second, minute, hour, day, month and weekday as cron "
              "has them, in UTC. Empty: never. `coffer jobs` lists it.");
  visit.field("jobs.purge_sends", s.purgeSends, "Remove Sends whose deletion date has passed.");
  visit.field("jobs.purge_trash", s.purgeTrash,
              "Remove what has been in the trash for vault.trash_retention.");
  visit.field("jobs.incomplete_logins", s.incompleteLogins,
              "Tell people of logins that stopped at the second factor.");
  visit.field("jobs.emergency_timeouts", s.emergencyTimeouts,
              "Grant emergency access whose waiting time is over.");
  visit.field("jobs.emergency_reminders", s.emergencyReminders,
              "Remind people of emergency access that is about to be granted.");
  visit.field("jobs.purge_auth_requests", s.purgeAuthRequests,
              "Remove old requests to log in with another device.");
  visit.field("jobs.purge_expired", s.purgeExpired,
              "Remove codes, challenges and used tokens whose time is over.");
  visit.field("jobs.remove_files", s.removeFiles, "Remove the files of removed rows.");
  visit.field("jobs.sweep_files", s.sweepFiles,
              "Remove files no row knows, and announced files that never arrived.");
}

}  // namespace coffer::config
