// SPDX-License-Identifier: BSD-2-Clause
//
// What every capability of the vault borrows. VaultService owns all of it; a capability keeps the
// reference to the context, which lives as long as the service.
#pragma once

#include "appliance/base/bytes.h"
#include "appliance/base/clock.h"
#include "appliance/http/route.h"
#include "services/vault/access/session.h"
#include "services/vault/vault_options.h"

#include <string>

namespace coffer::storage {
class BlobStore;
class Database;
}  // namespace coffer::storage
namespace coffer::outbound {
class HttpClient;
}

namespace coffer::vault {

class TokenSigner;
class PasswordHasher;
class LoginThrottle;
class VaultMetrics;
class Notifier;
class NotificationHub;
class PushRelay;
class Mailer;
class FileLinks;
class SecondFactors;
class SendAccessGuard;

struct VaultContext {
  storage::Database& database;
  const Clock& clock;
  const TokenSigner& tokens;
  const PasswordHasher& passwords;
  LoginThrottle& throttle;
  VaultMetrics& metrics;
  const VaultOptions& options;

  Notifier& notifier;
  Mailer& mailer;
  // Below <data_dir>/vault: "attachments/<cipher>/<id>", "sends/<send>/<file>", "icons/…".
  storage::BlobStore& files;
  const FileLinks& fileLinks;
  const SecondFactors& secondFactors;
  const outbound::HttpClient& outbound;

  // Guards for route tables. `session` is the one to take; the other is for the few routes that
  // vault-core 3.8 lists.
  const SessionGuard& session;
  const SessionGuard& sessionWithPreviousStamp;
  // For holders of a Send's token, who need no account.
  const SendAccessGuard& sendAccess;

  // The outputs of `notifier`: sockets that are open, and phones.
  NotificationHub& hub;
  PushRelay& push;
  const http::Guard& hubGuard;  // A session whose token may stand in the query.
};

// "https://host" or "https://host/bitwarden": where the client finds this vault, from the
// configuration or else from the request; no slash at the end.
std::string baseUrl(const VaultContext& context, const http::Request& request);

// Body limits (vault-core 1.10).
constexpr http::BodyLimit kSmallBody{64 * KiB};
constexpr http::BodyLimit kFormBody{1 * MiB};
constexpr http::BodyLimit kJsonBody{20 * MiB};  // Imports and key rotation are large.

}  // namespace coffer::vault
