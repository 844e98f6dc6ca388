// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_client.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/outbound/form_body.h"
#include "appliance/outbound/http_client.h"
#include "appliance/outbound/outbound_fault.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"

#include <chrono>

namespace coffer::vault {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kMaxAnswer = 64 * KiB;
constexpr std::size_t kTokenIdLength = 64;
constexpr std::size_t kMaxReason = 200;
constexpr const char* kHealthPath = "/oauth/v1/health_check";
constexpr const char* kAuthorizePath = "/oauth/v1/authorize";
constexpr const char* kTokenPath = "/oauth/v1/token";
constexpr const char* kAssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

DuoTrouble refused(const std::string& reason) { return {DuoTrouble::Kind::Refused, reason}; }
DuoTrouble noAnswer(const std::string& reason) { return {DuoTrouble::Kind::NoAnswer, reason}; }

// What Duo says, cut short: it comes from outside.
std::string said(const json::Object& answer, std::string_view name) {
  return std::string(answer.string(name).value_or("").substr(0, kMaxReason));
}

// Runs read(object) on an answer of Duo's.
template <typename F>
auto readAnswer(const std::string& body, F&& read) {
  try {
    const auto document = json::Document::parse(body);
    return read(document.object());
  } catch (const BadRequest&) {
    throw noAnswer("the answer is not one of Duo's");
  }
}

}  // namespace

std::string DuoClient::url(std::string_view path) const {
  return "https://" + application_.host + std::string(path);
}

std::string DuoClient::assertion(const std::string& audience) const {
  std::string members;
  json::Writer(members)
      .field("iss", application_.clientId)
      .field("sub", application_.clientId)
      .field("aud", audience)
      .field("jti", randomAlphanumeric(kTokenIdLength))
      .field("iat", now_ / kSecond)
      .field("exp", (now_ + kDuoLoginLifetime) / kSecond);
  return signDuoToken(application_.clientSecret, members);
}

std::string DuoClient::post(const std::string& url, std::string body) const {
  if (!isDuoHost(application_.host)) throw noAnswer("the host is none of Duo's");
  outbound::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = std::move(body);
  request.maxBody = kMaxAnswer;
  request.timeout = kPatience;
  try {
    auto answer = http_.send(request);
    // With 400 and 401 it says what it does not like.
    if (answer.status == 200 || answer.status == 400 || answer.status == 401) return answer.body;
    throw noAnswer("HTTP status " + std::to_string(answer.status));
  } catch (const outbound::OutboundFault& fault) {
    throw noAnswer(fault.detail());
  }
}

void DuoClient::checkHealth() const {
  const std::string address = url(kHealthPath);
  const auto body = post(address, outbound::formBody({{"client_id", application_.clientId},
                                                      {"client_assertion", assertion(address)}}));
  readAnswer(body, [](const json::Object& answer) {
    const auto stat = answer.string("stat").value_or("");
    if (stat == "OK") return;
    if (stat != "FAIL") throw noAnswer("the answer is not one of Duo's");
    throw refused(said(answer, "message") + " " + said(answer, "message_detail"));
  });
}

std::string DuoClient::promptUrl(const DuoPrompt& prompt) const {
  std::string members;
  json::Writer(members)
      .field("response_type", "code")
      .field("scope", "openid")
      .field("exp", (now_ + kDuoLoginLifetime) / kSecond)
      .field("client_id", application_.clientId)
      .field("redirect_uri", prompt.redirectUri)
      .field("state", prompt.state)
      .field("duo_uname", prompt.username)
      .field("iss", application_.clientId)
      .field("aud", "https://" + application_.host)
      .field("nonce", prompt.nonce);
  return url(kAuthorizePath) + "?" +
         outbound::formBody({{"response_type", "code"},
                             {"client_id", application_.clientId},
                             {"request", signDuoToken(application_.clientSecret, members)}});
}

void DuoClient::redeem(const std::string& code, const DuoPrompt& prompt) const {
  const std::string address = url(kTokenPath);
  const auto body = post(address, outbound::formBody({{"grant_type", "authorization_code"},
                                                      {"code", code},
                                                      {"redirect_uri", prompt.redirectUri},
                                                      {"client_assertion_type", kAssertionType},
                                                      {"client_assertion", assertion(address)}}));
  const auto token = readAnswer(body, [](const json::Object& answer) {
    if (const auto id = answer.string("id_token")) return std::string(*id);
    throw refused("no token: " + said(answer, "error") + " " + said(answer, "error_description"));
  });
  const auto flaw =
      findIdentityFlaw(token, application_.clientSecret,
                       {application_.clientId, address, prompt.nonce, prompt.username, now_});
  if (!flaw.empty()) throw refused(flaw);
}

}  // namespace coffer::vault
