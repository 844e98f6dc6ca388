// SPDX-License-Identifier: BSD-2-Clause
//
// HttpClient over Poco::Net and NetSSL.
#pragma once

#include "appliance/outbound/http_client.h"

#include <functional>
#include <string>

namespace coffer::outbound {

class PocoHttpClient final : public HttpClient {
 public:
  explicit PocoHttpClient(std::string userAgent);
  HttpAnswer send(const HttpRequest& request) const override;

 private:
  std::string userAgent_;
};

}  // namespace coffer::outbound
