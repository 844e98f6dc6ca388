// SPDX-License-Identifier: BSD-2-Clause
//
// Makes requests: the HTTP core from a parsed head, tests from whatever they want to try.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/service.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coffer::http {

class RequestBuilder {
 public:
  RequestBuilder& method(Method method);
  // Splits and decodes the path below `mount`. Throws BadRequest for a broken percent escape and
  // NotFound for a path that no service may see (Request::segments says which).
  RequestBuilder& target(std::string target, std::shared_ptr<const MountPoint> mount);
  RequestBuilder& header(std::string name, std::string value);
  RequestBuilder& headers(std::vector<HeaderField> fields);  // Replaces all.
  RequestBuilder& body(std::string bytes);
  RequestBuilder& contentLength(std::optional<std::uint64_t> length);
  RequestBuilder& expectsContinue(bool expects);
  RequestBuilder& client(std::string address, bool throughTrustedProxy = false);
  RequestBuilder& origin(std::string origin, bool secure);
  RequestBuilder& certificateName(std::string name);
  RequestBuilder& id(std::string id);
  RequestBuilder& matched(Match match);  // Sets route and parameters.

  Request build() { return std::move(request_); }
  // What has been set so far, also after target() threw.
  Request& request() { return request_; }

  // The core completes a request in steps, after it was built.
  static void setBody(Request& request, std::string bytes) { request.body_ = std::move(bytes); }
  static void setMatch(Request& request, Match match);

 private:
  Request request_;
};

}  // namespace coffer::http
