// SPDX-License-Identifier: BSD-2-Clause
//
// What somebody reads in a mail: its code, or the values of its link.
#pragma once

#include "services/vault/mail/built_in_templates.h"
#include "services/vault/testing/outbox.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace coffer::vault::testing {

// The only mail that waits, which must be of this kind and for this address.
inline storage::OutboxMail onlyMail(TestVault& vault, MailKind kind, const std::string& to) {
  const auto mails = takeMails(vault);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].kind == builtInTemplate(kind).name);
  CHECK(mails[0].recipient == to);
  return mails[0];
}

// Its line that is nothing but digits.
inline std::string codeIn(const storage::OutboxMail& mail) {
  constexpr const char* digits = "0123456789";
  for (std::size_t from = 0; from < mail.plain.size();) {
    const auto end = std::min(mail.plain.find('\n', from), mail.plain.size());
    const auto line = mail.plain.substr(from, end - from);
    if (!line.empty() && line.find_first_not_of(digits) == std::string::npos) return line;
    from = end + 1;
  }
  FAIL("no code in the mail: " << mail.plain);
  return {};
}

// A value of its link, as it is encoded there: tokens and ids are not changed by that.
inline std::string linkValue(const storage::OutboxMail& mail, std::string_view name) {
  for (const char before : {'?', '&'}) {
    const std::string start = before + std::string(name) + "=";
    const auto at = mail.plain.find(start);
    if (at == std::string::npos) continue;
    const auto from = at + start.size();
    return mail.plain.substr(from, mail.plain.find_first_of("& \r\n", from) - from);
  }
  FAIL("no link in the mail: " << mail.plain);
  return {};
}

// Another code of as many digits.
inline std::string wrongCode(std::string code) {
  code.back() = code.back() == '0' ? '1' : '0';
  return code;
}

}  // namespace coffer::vault::testing
