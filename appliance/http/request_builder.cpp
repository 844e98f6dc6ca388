// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/request_builder.h"

#include "appliance/base/fault.h"
#include "appliance/http/target.h"

namespace coffer::http {

RequestBuilder& RequestBuilder::method(Method method) {
  request_.method_ = method;
  return *this;
}

RequestBuilder& RequestBuilder::target(std::string target,
                                       std::shared_ptr<const MountPoint> mount) {
  request_.target_ = std::move(target);
  request_.mount_ = std::move(mount);
  const auto parts = splitTarget(request_.target_);
  request_.queryText_ = parts.query;
  const auto below =
      pathBelow(request_.mount_->prefix, parts.path.empty() ? std::string_view("/") : parts.path);
  if (!below) throw NotFound("Not Found", "path outside the mount");
  request_.path_ = *below;
  request_.segments_ = decodeSegments(request_.path_);
  return *this;
}

RequestBuilder& RequestBuilder::header(std::string name, std::string value) {
  request_.headers_.push_back({std::move(name), std::move(value)});
  return *this;
}

RequestBuilder& RequestBuilder::headers(std::vector<HeaderField> fields) {
  request_.headers_ = std::move(fields);
  return *this;
}

RequestBuilder& RequestBuilder::body(std::string bytes) {
  request_.contentLength_ = bytes.size();
  request_.body_ = std::move(bytes);
  return *this;
}

RequestBuilder& RequestBuilder::contentLength(std::optional<std::uint64_t> length) {
  request_.contentLength_ = length;
  return *this;
}

RequestBuilder& RequestBuilder::expectsContinue(bool expects) {
  request_.expectsContinue_ = expects;
  return *this;
}

RequestBuilder& RequestBuilder::client(std::string address, bool throughTrustedProxy) {
  request_.clientAddress_ = std::move(address);
  request_.trustedProxy_ = throughTrustedProxy;
  return *this;
}

RequestBuilder& RequestBuilder::origin(std::string origin, bool secure) {
  request_.origin_ = std::move(origin);
  request_.secure_ = secure;
  return *this;
}

RequestBuilder& RequestBuilder::certificateName(std::string name) {
  request_.certificateName_ = std::move(name);
  return *this;
}

RequestBuilder& RequestBuilder::id(std::string id) {
  request_.id_ = std::move(id);
  return *this;
}

RequestBuilder& RequestBuilder::matched(Match match) {
  setMatch(request_, std::move(match));
  return *this;
}

void RequestBuilder::setMatch(Request& request, Match match) {
  request.route_ = match.route;
  request.params_ = std::move(match.params);
}

}  // namespace coffer::http
