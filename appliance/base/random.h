// SPDX-License-Identifier: BSD-2-Clause
//
// Randomness for keys, tokens and identifiers, from OpenSSL's generator. A failure is a fault,
// never weak bytes. Safe from any thread.
#pragma once

#include <cstddef>
#include <string>

namespace coffer {

std::string randomBytes(std::size_t count);
std::string randomUuid();                           // Version 4, lower case, 36 characters.
std::string randomAlphanumeric(std::size_t count);  // [0-9A-Za-z], every character equally likely.

}  // namespace coffer
