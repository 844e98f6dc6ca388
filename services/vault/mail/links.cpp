// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/links.h"

#include "appliance/outbound/form_body.h"

#include <initializer_list>
#include <utility>

namespace coffer::vault {
namespace {

using Query = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::string link(std::string_view base, std::string_view page, Query query) {
  std::string out(base);
  out.append("/#/").append(page);
  char separator = '?';
  for (const auto& [name, value] : query) {
    out += std::exchange(separator, '&');
    out.append(name).append("=").append(outbound::percentEncoded(value));
  }
  return out;
}

}  // namespace

std::string verifyEmailLink(std::string_view base, std::string_view userId,
                            std::string_view token) {
  return link(base, "verify-email/", {{"userId", userId}, {"token", token}});
}

std::string finishSignupLink(std::string_view base, std::string_view email,
                             std::string_view token) {
  return link(base, "finish-signup/", {{"email", email}, {"token", token}});
}

std::string recoverDeleteLink(std::string_view base, std::string_view userId,
                              std::string_view token, std::string_view email) {
  return link(base, "verify-recover-delete",
              {{"userId", userId}, {"token", token}, {"email", email}});
}

std::string acceptEmergencyLink(std::string_view base, std::string_view id, std::string_view name,
                                std::string_view email, std::string_view token) {
  return link(base, "accept-emergency/",
              {{"id", id}, {"name", name}, {"email", email}, {"token", token}});
}

}  // namespace coffer::vault
