// SPDX-License-Identifier: BSD-2-Clause
//
// Compressed copies beside files, made once so that no request has to wait for it.
#pragma once

#include <string>

namespace coffer::runtime {

// "main.js" → "main.js.gz" for scripts, styles, pages and the like below `folder` (names as
// services/vault/web_vault/static_file.h has them), where that saves at least a tenth. Throws
// Fault.
void addGzipCopies(const std::string& folder);

}  // namespace coffer::runtime
