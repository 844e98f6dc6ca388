// SPDX-License-Identifier: BSD-2-Clause
//
// What `icons.service` and `icons.blocked_pattern` say (vault-extras 9.2, 9.4), checked once.
#pragma once

#include "services/vault/vault_options.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace Poco {
class RegularExpression;
}

namespace coffer::vault {

struct IconService {
  enum class Mode {
    Fetch,     // From the sites, by this server.
    Stored,    // Only what was fetched before.
    Redirect,  // Another server has them: prefix + host + suffix.
  };
  Mode mode = Mode::Fetch;
  std::string prefix;
  std::string suffix;

  std::string urlOf(std::string_view host) const { return prefix + std::string(host) + suffix; }
  // Where a page of the web vault is sent for icons; CSP source expressions, none but for Redirect.
  std::vector<std::string> imageSources() const;
};

// Throws UsageError for what is neither a known word nor a URL with exactly one "{}".
IconService parseIconService(const std::string& text);

// Names and addresses that the owner wants never to be asked. Threads: any.
class BlockedHosts {
 public:
  // "": none. Throws UsageError for what is no regular expression, or is very long.
  explicit BlockedHosts(const std::string& pattern);
  ~BlockedHosts();
  // Whether the pattern is found anywhere in a host name or the text of an address.
  [[nodiscard]] bool contains(const std::string& host) const;

 private:
  std::unique_ptr<const Poco::RegularExpression> pattern_;
};

}  // namespace coffer::vault
