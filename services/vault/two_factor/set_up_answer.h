// SPDX-License-Identifier: BSD-2-Clause
//
// What the set-up routes of a factor answer, for both generations of clients (vault-extras 4.2):
// the members flat, as clients up to 2026.7.1 read them, and once more under the factor's own name,
// as later ones do.
#pragma once

#include "services/vault/respond.h"
#include "services/vault/two_factor/second_factor.h"

#include <string_view>

namespace coffer::vault {

struct SetUpShape {
  std::string_view nest;    // "authenticator"; must not be the name of one of the members.
  std::string_view object;  // "twoFactorAuthenticator"
};

// `fields(json::Writer&)` writes the members; it is called twice. `token` is what issueSetUpToken()
// made for the answer of a get-… route; "" for the others.
template <typename Fields>
http::Response setUpAnswer(const SetUpShape& shape, std::string_view token, Fields&& fields) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    fields(writer);
    writer.key(shape.nest).beginObject();
    fields(writer);
    writer.endObject();
    if (!token.empty()) writer.field("userVerificationToken", token);
    writer.field("object", shape.object).endObject();
  });
}

// The answer to disabling a factor. "keys" is how one server spells the number.
inline http::Response disabledAnswer(int type) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("enabled", false)
        .field("type", type)
        .field("keys", type)
        .field("object", "twoFactorProvider")
        .endObject();
  });
}

}  // namespace coffer::vault
