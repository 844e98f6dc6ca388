// SPDX-License-Identifier: BSD-2-Clause
//
// Work the vault does by the clock (vault-extras 11, vault-operations 6). The runtime runs each at
// its time, `coffer jobs run NAME` at once; running one twice, or in two processes, does no harm.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace coffer::vault {

struct VaultJob {
  std::string name;  // "purge-sends"
  std::string help;  // One sentence for `coffer jobs`.
  // Returns how many things it dealt with. What it throws is logged and counted, and it runs again
  // at its next time.
  std::function<std::uint64_t()> run;
};

}  // namespace coffer::vault
