// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/service_options.h"

#include "appliance/runtime/command_settings.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace coffer::runtime {
namespace {

// A thousand TiB: more than a disk holds, and far from where the sum over all connections
// overflows.
constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 50;

// systemd names the journal's socket in JOURNAL_STREAM as "device:inode" of our standard error.
bool isJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (!stream || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

unsigned workerCount(unsigned configured) {
  if (configured != 0) return configured;
  return std::clamp(std::thread::hardware_concurrency(), 2u, 8u);
}

vault::SignupPolicy signupPolicy(config::VaultSignups signups) {
  switch (signups) {
    case config::VaultSignups::Closed:
      return vault::SignupPolicy::Closed;
    case config::VaultSignups::First:
      return vault::SignupPolicy::First;
    case config::VaultSignups::Invited:
      return vault::SignupPolicy::Invited;
    case config::VaultSignups::Domains:
      return vault::SignupPolicy::Domains;
    case config::VaultSignups::Open:
      return vault::SignupPolicy::Open;
  }
  return vault::SignupPolicy::Closed;
}

restic::Level levelOf(config::ResticAccess access) {
  switch (access) {
    case config::ResticAccess::None:
      return restic::Level::None;
    case config::ResticAccess::Read:
      return restic::Level::Read;
    case config::ResticAccess::Append:
      return restic::Level::Append;
    case config::ResticAccess::Modify:
      return restic::Level::Modify;
  }
  return restic::Level::None;
}

std::map<std::string, std::uint64_t> inBytes(const std::map<std::string, config::ByteSize>& sizes) {
  std::map<std::string, std::uint64_t> bytes;
  for (const auto& [name, size] : sizes) bytes[name] = size.bytes;
  return bytes;
}

restic::QuotaLimits quotaLimits(const config::ResticSettings& settings) {
  restic::QuotaLimits limits;
  limits.total = settings.maxSize.bytes;
  limits.perUser = settings.maxSizePerUser.bytes;
  limits.perRepository = settings.maxSizePerRepository.bytes;
  limits.users = inBytes(settings.userQuotas);
  limits.repositories = inBytes(settings.repositoryQuotas);
  return limits;
}

restic::AuthenticationOptions authentication(const config::Settings& settings, bool asRestServer) {
  const config::ResticSettings& restic = settings.restic;
  restic::AuthenticationOptions options;
  options.noAuth = restic.auth == config::ResticAuth::Off;
  options.certificateUsers = restic.clientCertificates;
  if (restic.auth == config::ResticAuth::Proxy) options.proxyHeader = restic.proxyAuthHeader;
  options.proxyHeaderFromAnyone = asRestServer;
  options.htpasswdFile = htpasswdFile(settings);
  options.htpasswdRequired = asRestServer;
  options.credentialLifetime = restic.credentialCache;
  options.failuresPerAddress = restic.failedLogins;
  return options;
}

vault::MailSecurity mailSecurity(config::MailSecurity security) {
  switch (security) {
    case config::MailSecurity::Tls:
      return vault::MailSecurity::Tls;
    case config::MailSecurity::None:
      return vault::MailSecurity::None;
    case config::MailSecurity::StartTls:
      break;
  }
  return vault::MailSecurity::StartTls;
}

vault::MailOptions mailOptions(const config::MailSettings& mail) {
  vault::MailOptions options;
  options.host = mail.host;
  options.port = static_cast<std::uint16_t>(mail.port);
  options.security = mailSecurity(mail.security);
  options.user = mail.user;
  options.password = mail.password;
  options.mechanisms = mail.mechanisms;
  options.helloName = mail.helloName;
  options.authorityFile = mail.authorityFile;
  options.acceptInvalidCertificates = mail.acceptInvalidCertificates;
  options.sendmail = mail.sendmail;
  options.from = mail.from;
  options.fromName = mail.fromName;
  options.timeout = mail.timeout;
  options.templatesFolder = mail.templatesFolder;
  return options;
}

vault::YubicoOptions yubicoOptions(const config::TwoFactorSettings& settings) {
  return {settings.yubicoClientId, settings.yubicoSecretKey, settings.yubicoServer};
}

vault::DuoOptions duoOptions(const config::TwoFactorSettings& settings) {
  return {settings.duoHost, settings.duoClientId, settings.duoClientSecret};
}

vault::PushOptions pushOptions(const config::PushSettings& push) {
  return {push.enabled, push.installationId, push.installationKey, push.relay, push.identity};
}

vault::IconOptions iconOptions(const config::IconSettings& icons) {
  vault::IconOptions options;
  options.service = icons.service;
  options.redirectStatus = static_cast<int>(icons.redirectStatus);
  options.lifetime = icons.lifetime;
  options.missLifetime = icons.missLifetime;
  options.timeout = icons.timeout;
  options.maxCacheBytes = icons.maxCache.bytes;
  options.publicOnly = icons.publicOnly;
  options.blockedPattern = icons.blockedPattern;
  return options;
}

vault::WebVaultOptions webVaultOptions(const config::Settings& settings) {
  const config::WebVaultSettings& web = settings.webVault;
  return {web.enabled, webVaultFolder(settings), web.frameAncestors, web.connectSources};
}

}  // namespace

log::Options logOptions(const config::LogSettings& settings) {
  log::Options options;
  options.format =
      settings.format == config::LogFormat::Json ? log::Format::Json : log::Format::Text;
  options.level = settings.level;
  options.partLevels = settings.levels;
  options.file = settings.file;
  options.underJournal = settings.file.empty() && isJournal();
  return options;
}

http::ServerOptions serverOptions(const config::HttpSettings& settings) {
  http::ServerOptions options;
  options.workers = workerCount(settings.workers);
  options.diskThreads = settings.diskThreads;
  options.hashThreads = settings.hashThreads;
  options.hashQueue = settings.hashQueue;
  options.maxHeadBytes = settings.maxHead.bytes;
  options.maxTargetBytes = settings.maxTarget.bytes;
  options.maxHeaderFields = settings.maxHeaderFields;
  options.maxConnections = settings.maxConnections;
  options.maxConnectionsPerAddress = settings.maxConnectionsPerAddress;
  options.headDeadline = settings.headDeadline;
  options.keepAlive = settings.keepAlive;
  options.minBodyRate = settings.minBodyRate.bytes;
  options.bodyRateWindow = settings.bodyRateWindow;
  options.sendStall = settings.sendStall;
  options.maxDrainBytes = settings.maxDrain.bytes;
  options.trustedProxies = settings.trustedProxies;
  return options;
}

restic::ResticOptions resticOptions(const config::Settings& settings, bool asRestServer) {
  const config::ResticSettings& restic = settings.restic;
  restic::ResticOptions options;
  options.path = resticFolder(settings);
  options.authentication = authentication(settings, asRestServer);
  options.appendOnly = restic.appendOnly;
  options.privateRepositories = restic.privateRepositories;
  for (const auto& rule : restic.rules) {
    options.rules.push_back({rule.user, rule.repository, levelOf(rule.access)});
  }
  options.aclFile = restic.aclFile;
  options.quota = quotaLimits(restic);
  options.maxObjectBytes =
      restic.maxObjectSize.bytes == 0 ? kUnlimited : restic.maxObjectSize.bytes;
  options.verifyUploads = restic.verifyUploads;
  options.groupAccessible = restic.groupAccessible;
  options.followLinks = restic.followLinks;
  options.deleteRepositories = restic.allowRepositoryDeletion;
  return options;
}

vault::VaultOptions vaultOptions(const config::Settings& settings) {
  const config::VaultSettings& vault = settings.vault;
  vault::VaultOptions options;
  options.folder = settings.dataDir + "/vault";
  options.origin = vault.origin;
  options.signups = signupPolicy(vault.signups);
  options.signupDomains = vault.signupDomains;
  options.passwordIterations = vault.passwordIterations;
  options.minimumClientIterations = vault.minimumClientIterations;
  options.maxNoteLength = vault.maxNoteLength;
  options.passwordHints = vault.passwordHints;
  options.loginLimit = {vault.loginBurst, vault.loginRefill};
  options.anonymousLimit = {vault.anonymousBurst, vault.anonymousRefill};
  options.featureStates = vault.featureFlags;
  options.showPasswordHints = vault.showPasswordHints;
  options.verifySignups = vault.verifySignups;
  options.newDeviceMail = vault.newDeviceMail;
  options.newDeviceVerification = vault.newDeviceVerification;
  options.emailChange = vault.emailChange;
  options.incompleteLoginNotice = vault.incompleteLoginNotice;
  options.invitationLifetime = vault.invitationLifetime;
  options.codes = {vault.codeDigits, vault.codeLifetime, vault.codeTries};
  options.attachments = vault.attachments;
  options.maxAttachmentBytes = vault.maxAttachmentSize.bytes;
  options.attachmentQuota = vault.attachmentQuota.bytes;
  options.sends = vault.sends;
  options.maxSendBytes = vault.maxSendSize.bytes;
  options.sendQuota = vault.sendQuota.bytes;
  options.trashRetention = vault.trashRetention;
  options.emergencyAccess = vault.emergencyAccess;
  options.webSocket = vault.webSocket;
  options.rememberTwoFactor = settings.twoFactor.remember;
  options.authenticatorDrift = settings.twoFactor.authenticatorDrift;
  options.yubico = yubicoOptions(settings.twoFactor);
  options.duo = duoOptions(settings.twoFactor);
  options.mail = mailOptions(settings.mail);
  options.push = pushOptions(settings.push);
  options.icons = iconOptions(settings.icons);
  options.webVault = webVaultOptions(settings);
  return options;
}

}  // namespace coffer::runtime
