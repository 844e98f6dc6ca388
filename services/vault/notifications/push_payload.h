// SPDX-License-Identifier: BSD-2-Clause
//
// Bodies of the calls to the push relay (vault-extras 8.3).
#pragma once

#include "services/vault/notifications/notifier.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// The push uuid and identifier of the device that caused the update, which the relay leaves out;
// "" for either when there is none.
struct ActingDevice {
  std::string_view pushUuid;
  std::string_view identifier;
};
std::string pushSendBody(const Update& update, const ActingDevice& acting);

struct PushRegistration {
  std::string_view pushUuid;
  std::string_view pushToken;
  std::string_view userId;
  std::string_view identifier;
  int deviceType = 0;
  std::string_view installationId;
};
std::string pushRegisterBody(const PushRegistration& device);
std::string pushDeleteBody(std::string_view pushUuid);

// False for what the relay is not told: organizations' items, and what concerns one device alone.
[[nodiscard]] bool isRelayed(const Update& update);

}  // namespace coffer::vault
