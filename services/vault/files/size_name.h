// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>

namespace coffer::vault {

// A file's size for people, in the words clients are used to (vault-extras 1.1): "512 Bytes",
// "1.5 KB", "12.06 MB", with at most two decimals.
std::string sizeName(std::uint64_t bytes);

}  // namespace coffer::vault
