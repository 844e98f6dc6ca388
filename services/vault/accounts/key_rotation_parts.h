// SPDX-License-Identifier: BSD-2-Clause
//
// How a capability takes part in a change of the user key (vault-core 4.6). Whatever is sealed with
// that key must be sent sealed anew, all of it or nothing: each capability that keeps such things
// contributes one function, declared in a header of its own folder and listed in
// readRotationParts():
//
//   // sends/send_rotation.h
//   RotationPart sendRotation(const RotationRequest& request);
//
// The function reads its share of the request at once, outside of any transaction, and throws
// BadRequest for what it cannot read. What it returns runs inside the transaction of the rotation.
#pragma once

#include "services/vault/access/session.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/vault_options.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::vault {

struct RotationRequest {
  const Session& session;
  const VaultOptions& options;
  json::Object data;  // `accountData`; the whole body of old clients.
  // `accountUnlockData`, what wraps the user key itself. Old clients have none, and cannot rotate
  // for an account that needs one.
  std::optional<json::Object> unlock;
};

// Replaces what is the user's, and moves its revision dates where it has some. First throws
// BadRequest unless exactly what is stored was sent (requireSameIds); nothing of the rotation is
// kept then, whatever other parts did. It has copied what it needs of the request.
using RotationPart =
    std::function<void(storage::Transaction& tx, const std::string& userId, UnixMicros now)>;

// One of each capability, in the order in which they run.
std::vector<RotationPart> readRotationParts(const RotationRequest& request);

using RotationIds = std::set<std::string, std::less<>>;

// Refuses ids that are stored and were not sent, so that nothing stays sealed with a key that is
// gone, and ids that were sent and are not stored. `what` is the plural for people: "ciphers".
void requireSameIds(const RotationIds& stored, const RotationIds& sent, std::string_view what);

// Throws Fault(Internal): inside the transaction that has seen a row it cannot be gone.
void requireReplaced(bool isReplaced, std::string_view what);

template <typename Elements, typename Id>
RotationIds rotationIds(const Elements& elements, Id&& id) {
  RotationIds ids;
  for (const auto& element : elements) ids.insert(id(element));
  return ids;
}

// The elements of a list that may be absent; `read(Object)` returns one, or nothing to skip it.
template <typename T, typename Read>
std::vector<T> readRotationList(const std::optional<json::Object>& form, std::string_view name,
                                Read&& read) {
  std::vector<T> elements;
  const auto list = form ? form->array(name) : std::nullopt;
  if (!list) return elements;
  elements.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (std::optional<T> element = read(list->object(i))) elements.push_back(std::move(*element));
  }
  return elements;
}

}  // namespace coffer::vault
