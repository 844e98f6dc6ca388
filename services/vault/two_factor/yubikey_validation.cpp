// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/yubikey_validation.h"

#include "appliance/base/bytes.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "appliance/outbound/form_body.h"
#include "appliance/outbound/http_client.h"
#include "appliance/outbound/outbound_fault.h"
#include "services/vault/crypto/other_digests.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace coffer::vault {
namespace {

constexpr std::size_t kCodeLength = 32;
constexpr std::size_t kMaxIdLength = 16;
constexpr std::size_t kNonceLength = 32;  // 16 to 40 alphanumeric characters are allowed.
constexpr std::size_t kMaxAnswer = 4 * KiB;
constexpr std::chrono::seconds kPatience{10};

// What the protocol knows; anything else from there is not repeated in the log.
constexpr std::array<std::string_view, 10> kStatuses = {"OK",
                                                        "BAD_OTP",
                                                        "REPLAYED_OTP",
                                                        "BAD_SIGNATURE",
                                                        "MISSING_PARAMETER",
                                                        "NO_SUCH_CLIENT",
                                                        "OPERATION_NOT_ALLOWED",
                                                        "BACKEND_ERROR",
                                                        "NOT_ENOUGH_ANSWERS",
                                                        "REPLAYED_REQUEST"};

bool isModhex(std::string_view text) {
  return text.find_first_not_of("cbdefghijklnrtuv") == std::string_view::npos;
}

std::string nameOf(std::string_view status) {
  const bool isKnown = std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
  return isKnown ? std::string(status) : "an unknown status";
}

// Lines of name=value; nothing when a name comes twice.
std::optional<ValidationFields> parseLines(std::string_view body) {
  ValidationFields fields;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const auto line = trim(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.empty()) continue;
    const auto sign = line.find('=');
    if (sign == std::string_view::npos) return std::nullopt;
    if (!fields.emplace(line.substr(0, sign), line.substr(sign + 1)).second) return std::nullopt;
  }
  return fields;
}

std::string valueOf(const ValidationFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

// A URL tells the code, which may be good still.
std::string reasonOf(const outbound::OutboundFault& fault, const std::string& url,
                     const std::string& server) {
  if (fault.reason() == outbound::OutboundFault::Reason::BadUrl) {
    return "two_factor.yubico_server is not a URL that can be called";
  }
  std::string detail = fault.detail();
  if (const auto at = detail.find(url); at != std::string::npos) {
    detail.replace(at, url.size(), server);
  }
  return detail;
}

OtpCheck noAnswer(std::string reason) { return {OtpVerdict::NoAnswer, std::move(reason)}; }

}  // namespace

std::optional<std::string> parseYubiKeyOtp(std::string_view text) {
  if (text.size() < kYubiKeyIdLength + kCodeLength || text.size() > kMaxIdLength + kCodeLength) {
    return std::nullopt;
  }
  std::string otp = toLowerAscii(text);
  if (!isModhex(otp)) return std::nullopt;
  return otp;
}

std::optional<std::string> parseYubiKeyId(std::string_view text) {
  std::string id = toLowerAscii(text);
  if (id.size() != kYubiKeyIdLength || !isModhex(id)) return std::nullopt;
  return id;
}

std::string validationSignature(std::string_view key, const ValidationFields& fields) {
  std::string message;
  for (const auto& [name, value] : fields) {  // Sorted by name, as the protocol wants it.
    if (!message.empty()) message += '&';
    message += name + '=' + value;
  }
  return toBase64(hmacSha1(key, message));
}

std::string validationUrl(const std::string& server, std::string_view key,
                          const ValidationQuery& query) {
  const ValidationFields fields = {
      {"id", query.clientId}, {"nonce", query.nonce}, {"otp", query.otp}};
  return server + (server.find('?') == std::string::npos ? '?' : '&') +
         outbound::formBody({{"id", query.clientId},
                             {"nonce", query.nonce},
                             {"otp", query.otp},
                             {"h", validationSignature(key, fields)}});
}

OtpCheck readValidation(std::string_view body, std::string_view key, const ValidationQuery& query) {
  auto fields = parseLines(body);
  if (!fields) return noAnswer("the answer is not one of the validation protocol");
  const std::string status = valueOf(*fields, "status");
  const std::string shown = valueOf(*fields, "h");
  fields->erase("h");
  // Not signed either: what the server says to a client that it does not know.
  if (!equalsInConstantTime(shown, validationSignature(key, *fields))) {
    return noAnswer("the answer is not signed with the client's key: " + nameOf(status));
  }
  if (status == "BAD_OTP" || status == "REPLAYED_OTP" || status == "REPLAYED_REQUEST") {
    return {OtpVerdict::Wrong, status};
  }
  if (status != "OK") return noAnswer(nameOf(status));
  if (valueOf(*fields, "otp") != query.otp) return noAnswer("the answer is about another code");
  if (valueOf(*fields, "nonce") != query.nonce) {
    return noAnswer("the answer is one to another question");
  }
  return {OtpVerdict::Right, {}};
}

OtpCheck validateYubiKeyOtp(const outbound::HttpClient& http, const YubicoOptions& options,
                            const std::string& otp) {
  auto key = fromBase64(options.secretKey.reveal());
  if (!key || key->empty()) return noAnswer("two_factor.yubico_secret_key is not base64");
  const Secret secret(std::move(*key));
  const ValidationQuery query{options.clientId, otp, randomAlphanumeric(kNonceLength)};
  outbound::HttpRequest request;
  request.url = validationUrl(options.server, secret.reveal(), query);
  request.maxBody = kMaxAnswer;
  request.timeout = kPatience;
  try {
    const auto answer = http.send(request);
    if (answer.status != 200) return noAnswer("HTTP status " + std::to_string(answer.status));
    return readValidation(answer.body, secret.reveal(), query);
  } catch (const outbound::OutboundFault& fault) {
    return noAnswer(reasonOf(fault, request.url, options.server));
  }
}

}  // namespace coffer::vault
