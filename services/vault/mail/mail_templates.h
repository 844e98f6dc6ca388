// SPDX-License-Identifier: BSD-2-Clause
//
// From a mail's kind and values to its text and HTML. Templates are mustache; the first line is the
// subject, and the rest is paragraphs with a blank line between them, of which both shapes are
// made. In HTML, a paragraph
//   that is "{{code}}" alone       is shown large,
//   that is "{{hint}}" alone       is shown as a quotation,
//   whose last line is "{{link}}"  is a button, labelled with the line before it,
//   whose lines begin with "- "    is a list.
// An owner may replace a mail by <name>.txt of this form in a folder, which makes both shapes, and
// its HTML by <name>.html, a whole page (docs/reference/mail-templates.md).
//
// Values are plain text: in HTML they are escaped, and neither in text nor in HTML can they begin a
// line of their own. Templates have no way around that.
#pragma once

#include "services/vault/mail/mail.h"

#include <map>
#include <string>

namespace coffer::vault {

struct MailText {
  std::string subject;
  std::string plain;
  std::string html;
};

class MailTemplates {
 public:
  // `folder` may be "". Throws UsageError, naming the file, for one that cannot be read, is not
  // mustache, is called like no mail, or asks for a value that its mail does not have.
  explicit MailTemplates(const std::string& folder = {});

  // `url` is the address of the vault, or "". Throws Fault(Internal) unless `mail` has exactly the
  // values of its kind.
  MailText render(const Mail& mail, const std::string& url) const;

 private:
  std::map<std::string, std::string> replaced_;  // Content by file name.
};

}  // namespace coffer::vault
