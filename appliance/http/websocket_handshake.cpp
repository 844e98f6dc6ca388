// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_handshake.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr std::string_view kVersion = "13";
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3.
constexpr std::size_t kKeyBytes = 16;

// True when one of the fields of that name lists the word.
bool lists(const Request& request, std::string_view name, std::string_view word) {
  for (const auto& field : request.headers()) {
    if (!equalsIgnoringCase(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (equalsIgnoringCase(trim(rest.substr(0, comma)), word)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool isThereOnce(const Request& request, std::string_view name) {
  const auto fields = request.headers();
  return std::count_if(fields.begin(), fields.end(), [name](const HeaderField& field) {
           return equalsIgnoringCase(field.name, name);
         }) == 1;
}

bool hasKey(const Request& request) {
  if (!isThereOnce(request, "Sec-WebSocket-Key")) return false;
  const auto key = fromBase64(request.header("Sec-WebSocket-Key"));
  return key && key->size() == kKeyBytes;
}

Response upgradeRequired() {
  return Response::text(426, "This is a WebSocket.\n")
      .header("Upgrade", "websocket")
      .header("Sec-WebSocket-Version", kVersion);
}

}  // namespace

std::optional<Response> refuseUpgrade(const Request& request, bool http11) {
  const auto bad = [] { return Response::text(400, "Not a WebSocket handshake.\n"); };
  if (!lists(request, "Upgrade", "websocket")) return upgradeRequired();
  if (!http11 || request.method() != Method::Get || request.contentLength() != std::uint64_t{0}) {
    return bad();
  }
  if (!lists(request, "Connection", "upgrade")) return bad();
  if (!isThereOnce(request, "Sec-WebSocket-Version") ||
      request.header("Sec-WebSocket-Version") != kVersion) {
    return upgradeRequired();
  }
  return hasKey(request) ? std::nullopt : std::optional(bad());
}

std::string acceptanceOf(std::string_view key) {
  return toBase64(sha1(std::string(key) + std::string(kGuid)));
}

}  // namespace coffer::http
