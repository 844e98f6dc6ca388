// SPDX-License-Identifier: BSD-2-Clause
//
// Apache's variant of MD5 crypt, "$apr1$salt$digest": a thousand rounds of MD5 over password and
// salt in a fixed pattern. Weak by today's measure; here so that existing password files keep
// working.
#pragma once

#include <string>
#include <string_view>

namespace coffer::restic {

// `salt` has at most 8 characters. Throws Fault where OpenSSL is built or told to refuse MD5.
std::string apr1Hash(std::string_view password, std::string_view salt);

}  // namespace coffer::restic
