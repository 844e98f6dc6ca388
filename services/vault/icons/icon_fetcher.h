// SPDX-License-Identifier: BSD-2-Clause
//
// Gets the icon of a site from the site (vault-extras 9.5): its page, what the page links, the
// usual places. Which addresses may be called is the HTTP client's to decide.
//
// Blocks for up to `timeout` with each request and each redirect, none of which begins later than
// kBudget times that; belongs on Lane::Fetch. Threads: any.
#pragma once

#include "appliance/outbound/http_client.h"
#include "services/vault/icons/icon_service.h"

#include <chrono>
#include <string>

namespace coffer::vault {

class IconFetcher {
 public:
  // The client and the blocked hosts must outlive the fetcher.
  IconFetcher(const outbound::HttpClient& client, const BlockedHosts& blocked,
              const IconOptions& options);

  struct Result {
    enum class Kind {
      Found,
      None,     // The site has none, or does not answer.
      Blocked,  // Something on the way may not be called.
    };
    Kind kind = Kind::None;
    std::string bytes;
  };
  // Throws nothing that another server could cause; OutboundFault when the program ends.
  Result fetch(const std::string& host) const;

  static constexpr int kBudget = 3;

 private:
  class Attempt;

  const outbound::HttpClient& client_;
  const BlockedHosts& blocked_;
  const std::chrono::seconds timeout_;
  const outbound::Destinations destinations_;
};

}  // namespace coffer::vault
