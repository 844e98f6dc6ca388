// SPDX-License-Identifier: BSD-2-Clause
//
// Every setting of the appliance, as plain values with safe defaults. describe.h names each field
// once; the YAML file, the environment, the command line's flags, `coffer config show` and the
// reference page are all made from that. load.h fills this structure; after that it is constant.
//
// Only the runtime sees it whole. Everyone else is handed the few values it needs.
//
// A size of 0 or a duration of 0 means what the field's comment says, usually "no limit".
#pragma once

#include "appliance/base/log.h"
#include "appliance/base/secret.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer::config {

using std::chrono::seconds;

// A number of bytes; written "10 GiB".
struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;  // NOLINT(modernize-use-nullptr)
};

enum class TlsMode {
  Off,
  Auto,   // The local authority under <data_dir>/tls and a certificate that it signs.
  Files,  // `certificate` and `key`.
};

enum class TlsVersion { Tls12, Tls13 };

// TLS of one listener. load() completes it from Settings::tls, so a reader needs nothing else.
struct ListenerTls {
  TlsMode mode = TlsMode::Auto;
  std::string certificate;  // PEM chain, leaf first.
  std::string key;          // PEM.
  std::string
      clientCa;  // PEM bundle whose client certificates are accepted; empty: none asked for.
  bool clientCertificateRequired = false;
  TlsVersion minimumVersion = TlsVersion::Tls12;
};

// A service hung on a listener.
struct MountSettings {
  std::string prefix;   // "/" or "/restic": begins with a slash and, but for "/", ends without.
  std::string service;  // "vault", "restic", "metrics", "health".
  std::map<std::string, std::string> options;  // "casing" → "pascal", …
};

struct ListenerSettings {
  // "127.0.0.1:8443", "[::1]:8443", ":8443" (every address), "unix:/run/coffer.sock",
  // "unix:@name", "systemd" (every socket handed over) or "systemd:name". Port 0 takes a free one.
  std::string address;
  ListenerTls tls;  // A Unix socket whose TLS is not mentioned in the configuration has none.
  unsigned socketMode =
      0;  // Permissions of a Unix socket's file; 0: what the umask leaves of 0777.
  std::vector<MountSettings> mounts;
};

// TLS of every listener that does not say otherwise.
struct TlsSettings {
  std::string certificate;  // With `key`: taken by listeners whose TLS is "auto".
  std::string key;
  std::string clientCa;
  bool clientCertificateRequired = false;
  TlsVersion minimumVersion = TlsVersion::Tls12;
  std::vector<std::string> names;  // For the automatic certificate, beside this machine's own.
};

struct HttpSettings {
  unsigned workers = 0;  // 0: one per processor, at least two, at most eight.
  unsigned diskThreads = 4;
  unsigned hashThreads = 2;
  unsigned hashQueue = 64;

  ByteSize maxHead{32 * 1024};
  ByteSize maxTarget{8 * 1024};
  unsigned maxHeaderFields = 100;
  unsigned maxConnections = 10'000;
  unsigned maxConnectionsPerAddress = 1'000;

  seconds headDeadline{10};
  seconds keepAlive{100};
  ByteSize minBodyRate{256};  // Bytes a second.
  seconds bodyRateWindow{30};
  seconds sendStall{60};
  ByteSize maxDrain{256 * 1024};
  seconds shutdownDeadline{30};

  std::vector<std::string> trustedProxies;  // Addresses, CIDR networks, "unix".
};

enum class LogFormat { Text, Json };

struct LogSettings {
  log::Level level = log::Level::Info;
  std::map<std::string, log::Level> levels;  // By part: "http", "tls", "restic", "vault", …
  LogFormat format = LogFormat::Text;
  std::string file;       // Empty: standard error.
  std::string accessLog;  // Empty: none; "-": standard output.
  bool accessLogRequestId = false;
};

enum class ResticAuth {
  Htpasswd,  // HTTP Basic against htpasswdFile.
  Proxy,     // The user's name is in proxyAuthHeader, from a trusted proxy only.
  Off,       // Everybody may do everything.
};

// What a user may do with a repository; each includes those before it. Locks may be made and
// removed by everybody who may read.
enum class ResticAccess { None, Read, Append, Modify };

// One line of rights. The first rule that fits user and repository decides; when none fits,
// appendOnly and privateRepositories do.
struct ResticRule {
  std::string user;  // A name, or "*" for everyone.
  // "team/laptop"; "" or "/" for the root; "*" in a name stands for any characters of it; "**" as
  // the last name for the folder and all below it; "{user}" for the name of the user who asks.
  std::string repository;
  ResticAccess access = ResticAccess::None;
};

struct ResticSettings {
  std::string path;  // Empty: <data_dir>/restic.
  ResticAuth auth = ResticAuth::Htpasswd;
  std::string htpasswdFile;  // Empty: <path>/.htpasswd.
  std::string proxyAuthHeader;
  bool clientCertificates = false;  // The common name of a verified client certificate is the user.
  unsigned bcryptCost = 10;         // For passwords that this program sets.
  seconds credentialCache{600};     // How long a verified password is remembered; 0: not at all.
  unsigned failedLogins = 0;        // Of one address within a minute; 0: no limit.

  bool appendOnly = false;
  bool privateRepositories = false;
  std::vector<ResticRule> rules;
  std::string aclFile;  // rustic_server's acl.toml, read as it is; empty: none.
  bool allowRepositoryDeletion = false;

  ByteSize maxSize;  // Of everything; 0: no limit. Likewise below.
  ByteSize maxSizePerUser;
  ByteSize maxSizePerRepository;
  std::map<std::string, ByteSize> userQuotas;        // Goes before maxSizePerUser.
  std::map<std::string, ByteSize> repositoryQuotas;  // Goes before maxSizePerRepository.
  ByteSize maxObjectSize;                            // Of one object; 0: no limit.

  bool groupAccessible = false;
  bool followLinks = false;  // Folders below path may be symbolic links; files never.
  bool verifyUploads = true;
};

enum class VaultSignups {
  Closed,   // Nobody; the command line still makes accounts.
  First,    // Whoever comes first; then invited addresses only.
  Invited,  // Invited addresses.
  Domains,  // Addresses in signupDomains, and invited ones.
  Open,     // Everybody.
};

struct VaultSettings {
  std::string origin;  // "https://vault.example.org"; empty: as the client wrote it.
  VaultSignups signups = VaultSignups::First;
  std::vector<std::string> signupDomains;

  unsigned passwordIterations = 600'000;
  unsigned minimumClientIterations = 600'000;
  bool passwordHints = true;
  bool showPasswordHints = false;

  bool verifySignups = false;
  bool newDeviceMail = true;
  bool newDeviceVerification = true;
  bool emailChange = true;
  seconds incompleteLoginNotice{180};
  seconds invitationLifetime{5 * 86'400};
  unsigned codeDigits = 6;
  seconds codeLifetime{600};
  unsigned codeTries = 3;

  bool attachments = true;
  ByteSize maxAttachmentSize{525'336'576};
  ByteSize attachmentQuota;
  bool sends = true;
  ByteSize maxSendSize{525'336'576};
  ByteSize sendQuota;
  seconds trashRetention{0};
  bool emergencyAccess = true;
  bool webSocket = true;

  // Attempts at once, and the time that gives one attempt back.
  unsigned loginBurst = 10;
  seconds loginRefill{60};
  unsigned anonymousBurst = 50;
  seconds anonymousRefill{60};

  unsigned maxNoteLength = 10'000;  // Characters of the encrypted note.
  std::map<std::string, bool> featureFlags = {{"pm-19148-innovation-archive", true}};
};

// How the connection to the mail server is encrypted.
enum class MailSecurity { StartTls, Tls, None };

struct MailSettings {
  std::string host;
  unsigned port = 0;  // 0: 587, 465 or 25 by `security`.
  MailSecurity security = MailSecurity::StartTls;
  std::string user;
  Secret password;
  std::vector<std::string> mechanisms;
  std::string helloName;
  std::string authorityFile;
  bool acceptInvalidCertificates = false;
  std::string sendmail;
  std::string from;
  std::string fromName = "Coffer";
  seconds timeout{15};
  std::string templatesFolder;
};

struct TwoFactorSettings {
  bool remember = true;
  bool authenticatorDrift = true;
  std::string yubicoClientId;
  Secret yubicoSecretKey;
  std::string yubicoServer = "https://api.yubico.com/wsapi/2.0/verify";
  std::string duoHost;
  std::string duoClientId;
  Secret duoClientSecret;
};

struct PushSettings {
  bool enabled = false;
  std::string installationId;
  Secret installationKey;
  std::string relay = "https://push.bitwarden.com";
  std::string identity = "https://identity.bitwarden.com";
};

struct IconSettings {
  std::string service = "internal";
  unsigned redirectStatus = 302;
  seconds lifetime{2'592'000};
  seconds missLifetime{259'200};
  seconds timeout{10};
  ByteSize maxCache{256ull << 20};
  bool publicOnly = true;
  std::string blockedPattern;
};

struct WebVaultSettings {
  bool enabled = true;
  std::string folder;  // Empty: <data_dir>/web-vault.
  std::vector<std::string> frameAncestors;
  std::vector<std::string> connectSources;
};

// When the scheduled work is done: six fields of cron (second minute hour day month weekday), in
// UTC; empty: never.
struct JobSettings {
  std::string purgeSends = "0 5 * * * *";
  std::string purgeTrash = "0 5 0 * * *";
  std::string incompleteLogins = "30 * * * * *";
  std::string emergencyTimeouts = "0 7 * * * *";
  std::string emergencyReminders = "0 3 * * * *";
  std::string purgeAuthRequests = "30 * * * * *";
  std::string purgeExpired = "0 20 * * * *";
  std::string removeFiles = "0 15 * * * *";
  std::string sweepFiles = "0 30 3 * * *";
};

// Who may read the metrics.
enum class MetricsAccess {
  Local,   // Clients on this machine: a loopback address or a Unix socket.
  Users,   // Restic's users, as rest-server does; with private repositories only "metrics".
  Anyone,  // Whoever reaches the listener.
};

struct MetricsSettings {
  MetricsAccess access = MetricsAccess::Local;
  Secret token;  // A bearer token that always admits; empty: none.
};

struct Settings {
  std::string dataDir = "/var/lib/coffer";
  std::vector<ListenerSettings> listeners = defaultListeners();
  TlsSettings tls;
  HttpSettings http;
  LogSettings log;
  ResticSettings restic;
  VaultSettings vault;
  MailSettings mail;
  TwoFactorSettings twoFactor;
  PushSettings push;
  IconSettings icons;
  WebVaultSettings webVault;
  JobSettings jobs;
  MetricsSettings metrics;

  // 0.0.0.0:8443 with automatic TLS and every service on it.
  static std::vector<ListenerSettings> defaultListeners();
};

// The mounts of a listener that names none: every service at its usual place.
std::vector<MountSettings> defaultMounts();

}  // namespace coffer::config
