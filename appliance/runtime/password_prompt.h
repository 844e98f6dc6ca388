// SPDX-License-Identifier: BSD-2-Clause
//
// Passwords from where they are safe: standard input, or a terminal that does not show them. Never
// from an argument, which every user of the machine could read.
#pragma once

#include "appliance/base/secret.h"

#include <istream>
#include <string>
#include <string_view>

namespace coffer::runtime {

// The first line of `input` without its line end. Throws UsageError when there is none, when it is
// empty, or when it is longer than 4096 bytes.
Secret readPasswordLine(std::istream& input);

// Asks on the controlling terminal, echo switched off, whatever standard input is. `twice` asks
// again and throws UsageError when the two differ. Throws UsageError when there is no terminal.
Secret promptForPassword(std::string_view question, bool twice);

// Where a command takes a password from; else it asks on the terminal.
struct PasswordSource {
  bool standardInput = false;
};

Secret readPassword(const PasswordSource& source, std::string_view question, bool twice);

}  // namespace coffer::runtime
