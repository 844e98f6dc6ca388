// SPDX-License-Identifier: BSD-2-Clause
//
// The few shapes of answer that every capability of the vault gives.
#pragma once

#include "appliance/http/response.h"
#include "appliance/http/route.h"
#include "services/vault/json/writer.h"
#include "services/vault/vault_context.h"

#include <string>
#include <utility>

namespace coffer::vault {

// 200 with the JSON value that `write(json::Writer&)` writes.
template <typename Write>
http::Response jsonAnswer(Write&& write) {
  std::string body;
  json::Writer writer(body);
  write(writer);
  return http::Response::json(std::move(body));
}

// {"data":[…],"continuationToken":null,"object":"list"}; `each(writer, item)` writes one item.
template <typename Items, typename Each>
http::Response listAnswer(const Items& items, Each&& each) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject().key("data").beginArray();
    for (const auto& item : items) each(writer, item);
    writer.endArray().field("continuationToken", nullptr).field("object", "list").endObject();
  });
}

inline http::Response emptyList() {
  return http::Response::json(R"({"data":[],"continuationToken":null,"object":"list"})");
}

// Success without anything to say: 200 and no body, which is the only success every client of every
// year accepts (vault-core 1.12).
inline http::Response done() { return http::Response::empty(200); }

// Binds a handler of the form Response(const VaultContext&, Request&) for a route table.
inline http::Handler with(const VaultContext& context,
                          http::Response (*handler)(const VaultContext&, http::Request&)) {
  return [&context, handler](http::Request& request) { return handler(context, request); };
}

}  // namespace coffer::vault
