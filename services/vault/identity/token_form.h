// SPDX-License-Identifier: BSD-2-Clause
//
// The form sent to the token endpoint (vault-core 3.3). Clients of different years write the same
// field as deviceIdentifier, device_identifier or DeviceIdentifier: names are compared without
// regard to case and underscores.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

class TokenForm {
 public:
  // Throws BadRequest for broken escapes, text that is not UTF-8 or holds controls, and for more
  // fields than any client sends. Of a field sent twice the first counts.
  static TokenForm parse(std::string_view body);

  // `name` in camelCase. Absent and empty are both "".
  const std::string& get(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

}  // namespace coffer::vault
