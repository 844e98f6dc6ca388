// SPDX-License-Identifier: BSD-2-Clause
//
// The folder that a web vault is installed in. A server that runs meanwhile sees the old build or
// the new one, never a part; so does one that starts after a power cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::runtime {

struct WebVaultInfo {
  std::string version;  // From its version.json; "" when it does not say.
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

// Nothing when there is no index.html in the folder.
std::optional<WebVaultInfo> describeWebVault(const std::string& folder);

// Unpacks the release beside the folder, adds compressed copies of what compresses well, and puts
// it in the folder's place. Throws UsageError when the archive is not a web vault, or the folder
// holds something else; then everything is as it was.
WebVaultInfo installWebVault(std::string_view archive, const std::string& folder);

// Throws UsageError when the folder holds something else. False when there is none.
[[nodiscard]] bool removeWebVault(const std::string& folder);

}  // namespace coffer::runtime
