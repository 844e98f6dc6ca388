// SPDX-License-Identifier: BSD-2-Clause
//
// HttpClient over Poco's HTTP session on a Channel (channel.h). A body that arrives as gzip or
// deflate is decoded. A redirect to another origin takes no Authorization or Cookie header along;
// 303, and 301 and 302 after a POST, are followed with a GET.
//
// Memory: the TLS context is made at the first https call and kept.
#pragma once

#include "appliance/base/guarded.h"
#include "appliance/outbound/http_client.h"
#include "appliance/outbound/resolve.h"
#include "appliance/outbound/tls_trust.h"

#include <memory>
#include <stop_token>
#include <string>

namespace coffer::outbound {

struct Url;

class PocoHttpClient final : public HttpClient {
 public:
  explicit PocoHttpClient(std::string userAgent, TlsTrust trust = {},
                          Resolver resolver = &resolveBySystem);

  // Also throws Fault(Internal) for a method or header that cannot be sent as it is.
  HttpAnswer send(const HttpRequest& request) const override;

  // Ends the optional requests that are under way, and every later one, with a fault. Threads: any.
  void stop() { stop_.request_stop(); }

 private:
  HttpAnswer sendUnlessStopping(const HttpRequest& request, const Url& url) const;
  HttpAnswer sendOnce(const HttpRequest& request, const Url& url) const;
  std::shared_ptr<ssl_ctx_st> tls() const;

  const std::string userAgent_;
  const TlsTrust trust_;
  const Resolver resolver_;
  std::stop_source stop_;
  mutable Guarded<std::shared_ptr<ssl_ctx_st>> tls_;
};

}  // namespace coffer::outbound
