// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_rotation.h"

#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/sends/send_form.h"
#include "storage/stores/send_store.h"

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace coffer::vault {
namespace {

using Sealings = std::map<std::string, SendSealing, std::less<>>;

Sealings readSealings(const RotationRequest& request) {
  using Entry = std::pair<std::string, SendSealing>;
  auto list = readRotationList<Entry>(request.data, "sends",
                                      [](const json::Object& send) -> std::optional<Entry> {
                                        const auto id = send.uuid("id");
                                        if (!id) send.fail("id", "The Id field is required.");
                                        return Entry{*id, SendSealing::parse(send)};
                                      });
  Sealings sealings;
  for (auto& [id, sealing] : list) sealings.insert_or_assign(id, std::move(sealing));
  return sealings;
}

// Those of the user, with what was sent for them.
std::vector<storage::Send> resealed(storage::SendStore& sends, const std::string& userId,
                                    const Sealings& sent) {
  std::vector<storage::Send> all;
  RotationIds stored;
  RotationIds found;
  storage::SendCursor cursor;
  const auto collect = [&](const storage::Send& send) {
    stored.insert(send.id);
    const auto sealing = sent.find(send.id);
    if (sealing == sent.end()) return;
    found.insert(send.id);
    all.push_back(send);
    sealing->second.applyTo(all.back());
  };
  while (sends.page(userId, cursor, std::numeric_limits<std::size_t>::max(), collect)) {
  }
  requireSameIds(stored, found, "sends");
  return all;
}

}  // namespace

RotationPart sendRotation(const RotationRequest& request) {
  return [sent = readSealings(request)](storage::Transaction& tx, const std::string& userId,
                                        UnixMicros now) {
    storage::SendStore sends(tx);
    sends.removeAnnounced(userId);
    for (auto& send : resealed(sends, userId, sent)) {
      send.revisedAt = nextRevision(send.revisedAt, now);
      requireReplaced(sends.reseal(send), "a Send");
    }
  };
}

}  // namespace coffer::vault
