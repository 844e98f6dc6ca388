// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/paged_answer.h"

#include <memory>
#include <utility>

namespace coffer::vault {
namespace {

class PageStream final : public http::BodySource {
 public:
  PageStream(storage::Database& database, std::string head, Pages pages, std::string tail)
      : database_(database),
        head_(std::move(head)),
        pages_(std::move(pages)),
        tail_(std::move(tail)) {}

  bool read(std::string& out) override {
    if (ended_) return false;
    if (!head_.empty()) {
      out += std::exchange(head_, {});
      return true;
    }
    ended_ = !database_.read([&](storage::Transaction& tx) { return pages_(tx, out); });
    if (ended_) out += tail_;
    return true;
  }

 private:
  storage::Database& database_;
  std::string head_;
  Pages pages_;
  std::string tail_;
  bool ended_ = false;
};

}  // namespace

http::Response pagedAnswer(storage::Database& database, std::string head, std::optional<Pages> rest,
                           std::string tail) {
  if (!rest) return http::Response::json(std::move(head) + tail);
  return http::Response::stream(
      std::make_unique<PageStream>(database, std::move(head), std::move(*rest), std::move(tail)),
      "application/json");
}

http::Response pagedList(storage::Database& database, Pages pages) {
  std::string head = R"({"object":"list","continuationToken":null,"data":[)";
  const bool more = database.read([&](storage::Transaction& tx) { return pages(tx, head); });
  return pagedAnswer(database, std::move(head),
                     more ? std::optional(std::move(pages)) : std::nullopt, "]}");
}

}  // namespace coffer::vault
