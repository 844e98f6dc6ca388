// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_application.h"

#include "appliance/base/bytes.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"
#include "services/vault/two_factor/second_factor.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>
#include <array>

namespace coffer::vault {
namespace {

constexpr std::size_t kClientIdLength = 20;
constexpr std::size_t kClientSecretLength = 40;
constexpr std::size_t kMaxLabel = 63;  // Of a host name.
constexpr std::array<std::string_view, 2> kDomains = {".duosecurity.com", ".duofederal.com"};

bool isAlphanumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

}  // namespace

bool isDuoHost(std::string_view host) {
  constexpr std::string_view prefix = "api-";
  if (!host.starts_with(prefix) || toLowerAscii(host) != host) return false;
  return std::any_of(kDomains.begin(), kDomains.end(), [&](std::string_view domain) {
    if (!host.ends_with(domain)) return false;
    const auto label = host.substr(0, host.size() - domain.size());
    return label.size() > prefix.size() && label.size() <= kMaxLabel &&
           isAlphanumeric(label.substr(prefix.size()));
  });
}

bool isDuoClientId(std::string_view id) {
  return id.size() == kClientIdLength && isAlphanumeric(id);
}

bool isDuoClientSecret(std::string_view secret) {
  return secret.size() == kClientSecretLength && isAlphanumeric(secret);
}

std::optional<DuoApplication> boxDuoApplication(const DuoOptions& options) {
  if (options.host.empty() || options.clientId.empty() || options.clientSecret.empty()) {
    return std::nullopt;
  }
  return DuoApplication{options.host, options.clientId, options.clientSecret, true};
}

std::optional<DuoApplication> findDuoApplication(storage::Transaction& tx, std::string_view userId,
                                                 const DuoOptions& options) {
  const auto row = storage::TwoFactorStore(tx).find(userId, static_cast<int>(Provider::Duo));
  if (!row || !row->enabled) return std::nullopt;
  if (row->data.empty()) return boxDuoApplication(options);
  const auto document = json::Document::parse(row->data);
  const auto stored = document.object();
  return DuoApplication{std::string(stored.requiredString("host")),
                        std::string(stored.requiredString("ik")),
                        Secret(std::string(stored.requiredString("sk"))), false};
}

std::string renderDuoApplication(const DuoApplication& application) {
  if (application.isTheBoxes) return {};
  std::string data;
  json::Writer(data)
      .beginObject()
      .field("host", application.host)
      .field("ik", application.clientId)
      .field("sk", application.clientSecret.reveal())
      .endObject();
  return data;
}

}  // namespace coffer::vault
