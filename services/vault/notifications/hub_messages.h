// SPDX-License-Identifier: BSD-2-Clause
//
// What the hubs say (vault-extras 7.3 to 7.7): records of SignalR's MessagePack protocol, each with
// its length in front.
#pragma once

#include "services/vault/notifications/notifier.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// For the sockets of a person's devices.
std::string userRecord(const Update& update);
// For those who wait, without a session, for the answer to a request to log in.
std::string anonymousRecord(const Update& answered);

constexpr std::string_view kPingRecord{"\x02\x91\x06", 3};

}  // namespace coffer::vault
