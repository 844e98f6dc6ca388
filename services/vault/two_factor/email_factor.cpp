// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/email_factor.h"

#include "appliance/base/log.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/client_version.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr int kType = static_cast<int>(Provider::Email);
constexpr ClientVersion kAsksForItself{2025, 5, 0};

}  // namespace

bool EmailFactor::isUsable() const { return context_.mailer.isEnabled(); }

bool EmailFactor::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return storage::TwoFactorStore(tx).isEnabled(userId, kType);
}

void EmailFactor::writeChallenge(const FactorLogin& login, json::Writer& writer) const {
  const auto address = context_.database.read(
      [&](storage::Transaction& tx) { return factorAddress(tx, login.user.id); });
  writer.beginObject().field("Email", redactAddress(address.value_or(""))).endObject();
}

void EmailFactor::challengedAlone(const FactorLogin& login) const {
  const auto version = clientVersionOf(login.request);
  if (version && *version >= kAsksForItself) return;
  const auto address = context_.database.read(
      [&](storage::Transaction& tx) { return factorAddress(tx, login.user.id); });
  if (address) mailCode(context_, login.user.id, CodePurpose::EmailFactorLogin, *address);
}

bool EmailFactor::verify(const FactorLogin& login, std::string_view token) const {
  const auto outcome = context_.database.write([&](storage::Transaction& tx) {
    return OneTimeCodes(tx, context_.options.codes, context_.clock.now())
        .check(login.user.id, CodePurpose::EmailFactorLogin, token);
  });
  if (outcome == CodeCheck::Right) return true;
  log::error("vault", std::string(outcome == CodeCheck::Wrong ? "Token is invalid!"
                                                              : "No token available!") +
                          " IP: " + login.request.clientAddress());
  return false;
}

void EmailFactor::remove(storage::Transaction& tx, std::string_view userId) const {
  (void)storage::TwoFactorStore(tx).remove(userId, kType);
  OneTimeCodes codes(tx, context_.options.codes, context_.clock.now());
  codes.discard(userId, CodePurpose::EmailFactorLogin);
  codes.discard(userId, CodePurpose::EmailFactorSetUp);
}

std::optional<std::string> factorAddress(storage::Transaction& tx, std::string_view userId) {
  auto row = storage::TwoFactorStore(tx).find(userId, kType);
  if (!row || !row->enabled) return std::nullopt;
  return std::move(row->data);
}

void mailCode(const VaultContext& context, std::string_view userId, CodePurpose purpose,
              const std::string& address) {
  context.database.write([&](storage::Transaction& tx) {
    const auto code = OneTimeCodes(tx, context.options.codes, context.clock.now())
                          .issue(userId, purpose, address);
    context.mailer.enqueue(
        tx, context.mailer.render({MailKind::TwoFactorCode, address, {{"code", code}}}));
  });
  context.mailer.sendSoon();
}

std::string redactAddress(std::string_view address) {
  constexpr std::size_t shownCharacters = 2;
  const auto at = std::min(address.rfind('@'), address.size());
  const auto local = address.substr(0, at);
  const std::size_t length = countCharacters(local);
  // Characters beyond ASCII are not cut apart.
  const bool isPlain = length == local.size();
  const std::size_t shown = isPlain && length > shownCharacters + 1 ? shownCharacters : 0;
  return std::string(local.substr(0, shown)) + std::string(length - shown, '*') +
         std::string(address.substr(at));
}

}  // namespace coffer::vault
