// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_fetcher.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "appliance/outbound/ip_address.h"
#include "appliance/outbound/outbound_fault.h"
#include "services/vault/icons/icon_candidates.h"
#include "services/vault/icons/icon_image.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

using outbound::OutboundFault;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxPage = 384 * KiB;
constexpr std::size_t kMaxIcon = 5 * MiB;
constexpr unsigned kMaxRedirects = 5;
constexpr std::size_t kMaxTried = 5;

// Many sites answer only what looks like a browser.
const outbound::HeaderList& browserHeaders() {
  static const outbound::HeaderList all{
      {"User-Agent",
       "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/142.0.0.0 Safari/537.36"},
      {"Accept",
       "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
       "*/*;q=0.8"},
      {"Accept-Language", "en-US,en;q=0.9"},
      {"Cache-Control", "no-cache"},
      {"Pragma", "no-cache"},
      {"Upgrade-Insecure-Requests", "1"},
      {"Sec-Ch-Ua", R"("Chromium";v="142", "Not_A Brand";v="99")"},
      {"Sec-Ch-Ua-Mobile", "?0"},
      {"Sec-Ch-Ua-Platform", R"("Windows")"},
      {"Sec-Fetch-Site", "none"},
      {"Sec-Fetch-Mode", "navigate"},
      {"Sec-Fetch-User", "?1"},
      {"Sec-Fetch-Dest", "document"},
  };
  return all;
}

bool isSuccess(const outbound::HttpAnswer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

// The names to look for a page at: the host, and then its domain, or "www." before a bare domain.
std::vector<std::string> namesFor(const std::string& host) {
  std::vector<std::string> names{host};
  if (outbound::parseIpAddress(host)) return names;
  const auto last = host.rfind('.');
  if (last == std::string::npos || last == 0) return names;
  const auto before = host.rfind('.', last - 1);
  names.push_back(before == std::string::npos ? "www." + host : host.substr(before + 1));
  return names;
}

}  // namespace

// One search, with what it has spent so far.
class IconFetcher::Attempt {
 public:
  Attempt(const IconFetcher& fetcher, const std::string& host)
      : fetcher_(fetcher), host_(host), end_(SteadyClock::now() + kBudget * fetcher.timeout_) {}

  std::string run() {
    const auto page = findPage();
    std::vector<IconCandidate> candidates;
    outbound::HeaderList headers = browserHeaders();
    const auto url = page ? outbound::parseUrl(page->url) : std::nullopt;
    if (url) {
      candidates = iconsOfPage(page->body, *url);
      headers.emplace_back("Referer", url->text());
    } else {
      for (const char* scheme : {"https://", "http://"}) {
        const auto site = outbound::parseUrl(scheme + host_);
        if (!site) continue;
        for (auto& icon : usualIcons(*site)) candidates.push_back(std::move(icon));
      }
    }
    if (candidates.size() > kMaxTried) candidates.resize(kMaxTried);
    for (const auto& candidate : candidates) {
      if (auto bytes = load(candidate.url, headers); imageTypeOf(bytes)) return bytes;
    }
    return {};
  }

 private:
  std::optional<outbound::HttpAnswer> findPage() {
    for (const auto& name : namesFor(host_)) {
      for (const char* scheme : {"https://", "http://"}) {
        auto answer = get(scheme + name + "/", browserHeaders(), kMaxPage, true);
        if (answer && isSuccess(*answer)) return answer;
      }
    }
    return std::nullopt;
  }

  std::string load(const std::string& url, const outbound::HeaderList& headers) {
    if (!url.starts_with("http")) return imageInDataUrl(url);
    auto answer = get(url, headers, kMaxIcon, false);
    return answer && isSuccess(*answer) ? std::move(answer->body) : std::string();
  }

  // Nothing when there is no answer. Throws OutboundFault when the destination is blocked, or the
  // program ends.
  std::optional<outbound::HttpAnswer> get(const std::string& url,
                                          const outbound::HeaderList& headers, std::size_t maxBody,
                                          bool truncate) {
    const auto left = std::chrono::duration_cast<milliseconds>(end_ - SteadyClock::now());
    const auto parsed = outbound::parseUrl(url);
    if (left <= milliseconds(0) || !parsed || unknown_.contains(parsed->host)) return std::nullopt;
    outbound::HttpRequest request;
    request.url = url;
    request.headers = headers;
    request.maxBody = maxBody;
    request.truncate = truncate;
    request.timeout = std::min<milliseconds>(left, fetcher_.timeout_);
    request.maxRedirects = kMaxRedirects;
    request.destinations = fetcher_.destinations_;
    request.isOptional = true;
    request.refuses = [this](const std::string& host) {
      if (SteadyClock::now() >= end_) throw OutboundFault(OutboundFault::Reason::TimedOut, host);
      return fetcher_.blocked_.contains(host);
    };
    try {
      return fetcher_.client_.send(request);
    } catch (const OutboundFault& fault) {
      if (fault.reason() == OutboundFault::Reason::Blocked ||
          fault.reason() == OutboundFault::Reason::Stopping) {
        throw;
      }
      if (fault.reason() == OutboundFault::Reason::NameUnknown) unknown_.insert(parsed->host);
      log::debug("vault", "no icon there", {{"url", url}, {"reason", fault.detail()}});
      return std::nullopt;
    }
  }

  const IconFetcher& fetcher_;
  const std::string& host_;
  const SteadyClock::time_point end_;
  std::set<std::string> unknown_;  // Names without an address need not be asked for again.
};

IconFetcher::IconFetcher(const outbound::HttpClient& client, const BlockedHosts& blocked,
                         const IconOptions& options)
    : client_(client),
      blocked_(blocked),
      timeout_(options.timeout),
      destinations_(options.publicOnly ? outbound::Destinations::PublicOnly
                                       : outbound::Destinations::Any) {}

IconFetcher::Result IconFetcher::fetch(const std::string& host) const {
  try {
    std::string bytes = Attempt(*this, host).run();
    if (bytes.empty()) return {};
    return {Result::Kind::Found, std::move(bytes)};
  } catch (const OutboundFault& fault) {
    if (fault.reason() == OutboundFault::Reason::Stopping) throw;
    log::info("vault", "an icon was not looked for", {{"host", host}, {"reason", fault.detail()}});
    return {Result::Kind::Blocked, {}};
  }
}

}  // namespace coffer::vault
