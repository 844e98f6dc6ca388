// SPDX-License-Identifier: BSD-2-Clause
//
// For tests: a ResticService over a fresh folder, asked the way the HTTP core asks it (match,
// guard, body limit, handler, error page), without sockets.
#pragma once

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/http/request_builder.h"
#include "services/restic/restic_service.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace coffer::restic::tests {

struct Ask {
  http::Method method = http::Method::Get;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  bool chunked = false;
  bool expectsContinue = false;
  std::string certificate{};
  bool trustedProxy = false;
  std::string address = "192.0.2.7";
};

struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::int64_t declaredLength = -1;

  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return "";
  }
};

inline std::string basic(const std::string& user, const std::string& password) {
  return "Basic " + toBase64(user + ":" + password);
}

inline std::string idOf(std::string_view body) { return toHex(sha256(body)); }

// "200", "404"… and the whole body, as a client would see them.
inline Answer received(http::Response response, http::Method method) {
  Answer answer{response.status(), response.headers(), {}, response.declaredLength()};
  if (auto* text = std::get_if<std::string>(&response.body())) {
    answer.body = *text;
  } else if (auto* file = std::get_if<http::FileBody>(&response.body())) {
    answer.body.resize(file->length);
    const auto n = ::pread(file->file.get(), answer.body.data(), file->length,
                           static_cast<off_t>(file->offset));
    answer.body.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  } else {
    auto& source = std::get<std::unique_ptr<http::BodySource>>(response.body());
    while (source->read(answer.body)) {
    }
  }
  if (method == http::Method::Head || answer.status == 304) answer.body.clear();
  if (response.sentHandler()) response.sentHandler()(answer.body.size());
  return answer;
}

class Harness {
 public:
  explicit Harness(ResticOptions options = {}, const std::string& htpasswd = "") {
    if (!htpasswd.empty()) std::ofstream(path(".htpasswd")) << htpasswd;
    options.path = folder_->path();
    service_ = std::make_unique<ResticService>(std::move(options), *clock_);
  }

  static Harness withoutLogin(ResticOptions options = {}) {
    options.authentication.noAuth = true;
    return Harness(std::move(options));
  }

  ResticService& service() { return *service_; }
  FakeClock& clock() { return *clock_; }
  std::string path(const std::string& relative = "") const {
    return folder_->path() + "/" + relative;
  }

  // Safe from many threads at once.
  Answer ask(const Ask& ask) {
    http::RequestBuilder builder;
    builder.method(ask.method).client(ask.address, ask.trustedProxy);
    builder.expectsContinue(ask.expectsContinue).certificateName(ask.certificate);
    for (const auto& [name, value] : ask.headers) builder.header(name, value);
    if (ask.chunked) {
      builder.contentLength(std::nullopt);
    } else {
      builder.contentLength(ask.body.size());
    }
    try {
      builder.target(ask.target, mount_);
    } catch (const Fault& fault) {
      auto request = builder.build();
      return received(service_->renderError(request, fault), ask.method);
    }
    http::Request request = builder.build();
    std::string allow;
    try {
      return received(respond(request, ask, allow), ask.method);
    } catch (const Fault& fault) {
      Answer answer = received(service_->renderError(request, fault), ask.method);
      if (answer.status == 405) answer.headers.emplace_back("Allow", allow);
      return answer;
    }
  }

  Answer get(const std::string& target) { return ask({.target = target}); }
  Answer get(const std::string& target, const std::string& accept) {
    return ask({.target = target, .headers = {{"Accept", accept}}});
  }
  Answer post(const std::string& target, const std::string& body = "") {
    return ask({.method = http::Method::Post, .target = target, .body = body});
  }
  Answer remove(const std::string& target) {
    return ask({.method = http::Method::Delete, .target = target});
  }
  // Stores `body` under its hash and returns the URL's path.
  std::string store(const std::string& folder, const std::string& body) {
    const std::string target = folder + idOf(body);
    const Answer answer = post(target, body);
    if (answer.status != 200)
      throw std::runtime_error("stored with " + std::to_string(answer.status));
    return target;
  }

  // An upload that is on its way: give it bytes, finish it, or drop it.
  std::unique_ptr<http::BodySink> begin(http::Request& request) {
    const auto match = service_->match(request.method(), request.segments());
    admit(match.route->guard(), request);
    return match.route->uploadHandler()(request);
  }
  http::Request request(http::Method method, const std::string& target,
                        std::optional<std::uint64_t> length) {
    return http::RequestBuilder()
        .method(method)
        .target(target, mount_)
        .contentLength(length)
        .build();
  }

  static void admit(const http::Guard& guard, http::Request& request) {
    if (guard.admit(request, http::Lane::Io) == http::Admission::NeedsHashLane) {
      if (guard.admit(request, http::Lane::Hash) != http::Admission::Granted) {
        throw std::logic_error("a guard must decide on the hash lane");
      }
    }
  }

 private:
  http::Response respond(http::Request& request, const Ask& ask, std::string& allow) {
    const http::Match match = service_->match(request.method(), request.segments());
    allow = match.allow;
    if (match.route == nullptr) {
      admit(service_->unmatchedGuard(), request);
      if (match.allow.empty()) throw NotFound("Not Found");
      throw FaultOf<FaultKind::MethodNotAllowed>("Method Not Allowed");
    }
    admit(match.route->guard(), request);
    if (ask.body.size() > match.route->limit().bytes) throw PayloadTooLarge("Payload Too Large");
    if (!match.route->isUpload()) return match.route->handler()(request);
    const auto sink = match.route->uploadHandler()(request);
    constexpr std::size_t kPiece = 100'000;
    for (std::size_t at = 0; at < ask.body.size(); at += kPiece) {
      sink->write(std::string_view(ask.body).substr(at, kPiece));
    }
    return sink->finish();
  }

  std::unique_ptr<coffer::tests::TempFolder> folder_ =
      std::make_unique<coffer::tests::TempFolder>();
  std::unique_ptr<FakeClock> clock_ = std::make_unique<FakeClock>(SystemClock().now());
  std::unique_ptr<ResticService> service_;
  std::shared_ptr<const http::MountPoint> mount_ = std::make_shared<http::MountPoint>();
};

// Files below a folder that are neither objects in their place, a config nor ours.
inline std::vector<std::string> strayFiles(const std::string& root) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename();
    const std::string relative = std::filesystem::relative(entry.path(), root);
    if (entry.is_directory() || relative.starts_with(".") || name == "config") continue;
    if (!isObjectId(name)) found.push_back(relative);
  }
  return found;
}

}  // namespace coffer::restic::tests
