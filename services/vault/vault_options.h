// SPDX-License-Identifier: BSD-2-Clause
//
// What the owner of the box decided about the vault. Filled by the runtime from the configuration,
// then constant.
#pragma once

#include "appliance/base/secret.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer::vault {

// Who may make an account for themselves.
enum class SignupPolicy {
  Closed,   // Nobody; the command line still can.
  First,    // Whoever comes first; once an account exists, invited addresses only.
  Invited,  // Addresses that were invited (a row without a password) only.
  Domains,  // Addresses in `signupDomains`, and invited ones.
  Open,     // Everybody.
};

// A bucket of `burst` attempts that gains one more every `refill`.
struct RateLimit {
  unsigned burst = 10;
  std::chrono::seconds refill{60};
};

// Codes of a few digits that are mailed (vault-operations 5.4).
struct CodeOptions {
  unsigned digits = 6;
  std::chrono::seconds lifetime{600};
  unsigned wrongTries = 3;
};

enum class MailSecurity { StartTls, Tls, None };

// How mail leaves the box; the transport is appliance/outbound's.
struct MailOptions {
  std::string host;        // "": no SMTP server.
  std::uint16_t port = 0;  // 0: 587, 465 or 25 by `security`.
  MailSecurity security = MailSecurity::StartTls;
  std::string user;
  Secret password;
  std::vector<std::string> mechanisms;  // "plain", "login"; empty: what the server offers of them.
  std::string helloName;                // "": the machine's name.
  std::string authorityFile;            // PEM with authorities beside the system's; "": none.
  bool acceptInvalidCertificates = false;
  std::string sendmail;  // A command instead of SMTP; "": none.
  std::string from;      // One address; must be there for mail to be enabled.
  std::string fromName = "Coffer";
  std::chrono::seconds timeout{15};
  std::string templatesFolder;  // Files there replace the built-in templates.

  [[nodiscard]] bool isConfigured() const {
    return !from.empty() && (!host.empty() || !sendmail.empty());
  }
};

struct YubicoOptions {
  std::string clientId;  // "": YubiKeys cannot be used.
  Secret secretKey;      // Base64.
  std::string server = "https://api.yubico.com/wsapi/2.0/verify";
};

// For accounts that name no Duo application of their own.
struct DuoOptions {
  std::string host;  // "api-XXXXXXXX.duosecurity.com"
  std::string clientId;
  Secret clientSecret;
};

struct PushOptions {
  bool isEnabled = false;
  std::string installationId;
  Secret installationKey;
  std::string relay = "https://push.bitwarden.com";
  std::string identity = "https://identity.bitwarden.com";
};

struct IconOptions {
  // "internal", "off", "bitwarden", "duckduckgo", "google", or a URL with one "{}".
  std::string service = "internal";
  int redirectStatus = 302;
  std::chrono::seconds lifetime{2'592'000};
  std::chrono::seconds missLifetime{259'200};
  std::chrono::seconds timeout{10};
  std::uint64_t maxCacheBytes = 256ull << 20;
  bool publicOnly = true;      // Never ask private, loopback, link-local … addresses.
  std::string blockedPattern;  // Regular expression on host names and addresses; "": none.
};

struct WebVaultOptions {
  bool isEnabled = true;
  std::string folder;  // Of a web vault's build; the page of our own where there is none.
  std::vector<std::string> frameAncestors;  // Beside the extensions'.
  std::vector<std::string> connectSources;
};

struct VaultOptions {
  std::string folder;  // <data_dir>/vault; holds rsa_key.pem.
  // "https://vault.example.org", for the addresses that answers carry; "": as the client wrote it.
  std::string origin;

  SignupPolicy signups = SignupPolicy::First;
  std::vector<std::string> signupDomains;  // "example.org", compared without regard to case.

  // PBKDF2-HMAC-SHA256 rounds that the server adds to the client's hash.
  unsigned passwordIterations = 600'000;
  // Lowest PBKDF2 count a client may choose for itself when it sets one (vault-core 2.2).
  unsigned minimumClientIterations = 600'000;

  std::size_t maxNoteLength = 10'000;  // Characters of an item's encrypted note.
  bool passwordHints = true;           // Accounts may store one.
  bool showPasswordHints = false;      // Without mail: shown to whoever asks with the address.

  // All of these need mail, and count as off without it.
  bool verifySignups = false;         // New accounts prove their address first.
  bool newDeviceMail = true;          // Tell of a login from a device that was not known.
  bool newDeviceVerification = true;  // Ask for a mailed code there (vault-core 3.7).
  bool emailChange = true;            // People may change their address, with or without mail.
  std::chrono::seconds incompleteLoginNotice{180};      // 0: never (vault-extras 4.14).
  std::chrono::seconds invitationLifetime{5 * 86'400};  // Of links in mails.
  CodeOptions codes;

  bool rememberTwoFactor = true;
  bool authenticatorDrift = true;  // Codes of the step before and after are taken too.
  YubicoOptions yubico;
  DuoOptions duo;

  bool attachments = true;                         // New ones may be stored.
  std::uint64_t maxAttachmentBytes = 525'336'576;  // Of one file.
  std::uint64_t attachmentQuota = 0;               // Bytes of one person; 0: no limit.
  bool sends = true;                               // New ones may be made and old ones changed.
  std::uint64_t maxSendBytes = 525'336'576;
  std::uint64_t sendQuota = 0;             // Bytes of one person; 0: no limit.
  std::chrono::seconds trashRetention{0};  // 0: for ever.
  bool emergencyAccess = true;
  bool webSocket = true;

  MailOptions mail;
  PushOptions push;
  IconOptions icons;
  WebVaultOptions webVault;

  RateLimit loginLimit{10, std::chrono::seconds{60}};      // Per address, account and device.
  RateLimit anonymousLimit{50, std::chrono::seconds{60}};  // Other calls without a session.

  std::map<std::string, bool> featureStates;  // Client flags in /api/config (vault-core 5.3).
};

}  // namespace coffer::vault
