// SPDX-License-Identifier: BSD-2-Clause
//
// What each mail says, and which values its template takes.
#pragma once

#include "services/vault/mail/mail.h"

#include <span>
#include <string_view>

namespace coffer::vault {

struct BuiltInTemplate {
  MailKind kind;
  const char* name;    // Of the files that replace it, and in the outbox.
  const char* values;  // Separated by blanks; "url" besides.
  const char* text;    // In the form of mail_templates.h.
};

// One for each MailKind, in its order.
std::span<const BuiltInTemplate> builtInTemplates();

const BuiltInTemplate& builtInTemplate(MailKind kind);

}  // namespace coffer::vault
