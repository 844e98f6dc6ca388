// SPDX-License-Identifier: BSD-2-Clause
//
// A mail as the bytes that travel (RFC 5322, RFC 2045 to 2047): text and HTML as two shapes of the
// same thing. Whatever the texts hold, no header line of theirs comes into being: controls become
// blanks, everything but ASCII is encoded.
#pragma once

#include "appliance/base/clock.h"

#include <string>
#include <string_view>

namespace coffer::outbound {

struct MailMessage {
  std::string id;    // Left part of the Message-ID: [A-Za-z0-9.-]; unique.
  std::string from;  // These two pass isMailAddress().
  std::string to;
  std::string fromName;
  std::string subject;
  std::string plain;  // UTF-8, lines end with "\n" or "\r\n".
  std::string html;
  UnixMicros date = 0;
};

// Whether mail can be sent there: local@domain in ASCII, a dot-atom on the left, a host name on the
// right, 254 characters at most. Quoted local parts and address literals are not.
[[nodiscard]] bool isMailAddress(std::string_view text);

// Lines end with "\r\n"; the last one too. No line has more than 998 bytes.
std::string composeMail(const MailMessage& message);

}  // namespace coffer::outbound
