// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_pages.h"

#include "services/vault/sends/send_json.h"

#include <cstddef>

namespace coffer::vault {

bool SendPages::appendPage(storage::Transaction& tx, std::string& out) {
  constexpr std::size_t pageBytes = 48 * 1024;
  return storage::SendStore(tx).page(userId_, cursor_, pageBytes, [&](const storage::Send& send) {
    if (!std::exchange(empty_, false)) out.push_back(',');
    json::Writer writer(out);
    writeSend(writer, send);
  });
}

}  // namespace coffer::vault
