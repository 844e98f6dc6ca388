// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/exchange.h"

#include "appliance/base/log.h"
#include "appliance/http/access_log.h"
#include "appliance/http/request_builder.h"
#include "appliance/http/target.h"
#include "appliance/http/websocket_handshake.h"

namespace coffer::http {
namespace {

constexpr std::string_view kRetryAfterSeconds = "1";

// The mount with the longest prefix that the path is below.
const Mount* findMount(const std::vector<Mount>& mounts, std::string_view path) {
  for (const auto& mount : mounts) {
    if (pathBelow(mount.point->prefix, path)) return &mount;
  }
  return nullptr;
}

// Nothing of a query goes to the log: it may hold tokens.
std::string_view pathOf(const Request& request) { return splitTarget(request.target()).path; }

}  // namespace

Exchange::Exchange(ServerCore& core, std::chrono::steady_clock::time_point begin)
    : core_(core), begin_(begin), wallBegin_(SystemClock().now()) {
  RequestBuilder builder;
  builder.id(core_.ids.next());
  request_ = builder.build();
}

Exchange::~Exchange() {
  if (writer_) finish();
}

void Exchange::describeClient(RequestBuilder& builder, const Head& head,
                              const ListenerSettings& listener, const Peer& peer) const {
  Forwarded forwarded;
  if (peer.trusted) forwarded = readForwarded(head.fields, core_.trusted);
  if (forwarded.address.empty()) forwarded.address = peer.address;
  if (forwarded.scheme.empty()) forwarded.scheme = listener.tls ? "https" : "http";
  if (forwarded.host.empty()) forwarded.host = head.host.empty() ? listener.address : head.host;
  const bool secure = forwarded.scheme == "https";
  builder.client(std::move(forwarded.address), peer.trusted);
  builder.origin(std::move(forwarded.scheme) + "://" + forwarded.host, secure);
}

void Exchange::begin(Head head, const ListenerSettings& listener, const Peer& peer,
                     const std::string& certificateName) {
  http11_ = head.http11;
  wantsKeepAlive_ = head.keepAlive;
  framing_ = BodyFraming(head.contentLength);
  awaitsContinue_ = head.expectsContinue && !framing_.complete();

  RequestBuilder builder;
  builder.id(request_.id())
      .method(head.method)
      .contentLength(head.contentLength)
      .expectsContinue(head.expectsContinue)
      .certificateName(certificateName);
  describeClient(builder, head, listener, peer);
  builder.headers(std::move(head.fields));

  const auto path = splitTarget(head.target).path;
  const Mount* mount = findMount(listener.mounts, path.empty() ? "/" : path);
  static const auto kNowhere = std::make_shared<const MountPoint>();
  const auto complete = [&] { request_ = builder.build(); };
  try {
    builder.target(std::move(head.target), mount ? mount->point : kNowhere);
  } catch (const NotFound&) {
    // A path that no service may see matches nothing.
    complete();
    if (!mount) throw;
    service_ = mount->service;
    return;
  } catch (...) {
    complete();
    if (mount) service_ = mount->service;
    throw;
  }
  complete();
  if (!mount) throw NotFound("Not Found", "no mount");
  service_ = mount->service;
  match_ = service_->match(request_.method(), request_.segments());
  const Route* route = match_.route;
  std::string allow = std::move(match_.allow);
  RequestBuilder::setMatch(request_, std::move(match_));
  match_ = Match{route, {}, std::move(allow)};
}

Admission Exchange::admit(Lane lane) {
  const Guard& guard = match_.route ? match_.route->guard() : service_->unmatchedGuard();
  return guard.admit(request_, lane);
}

void Exchange::admitOnHashLane() noexcept {
  try {
    if (admit(Lane::Hash) == Admission::Granted) return;
    throw std::logic_error("a guard asked for the hash lane on the hash lane");
  } catch (...) {
    denied_ = std::current_exception();
  }
}

void Exchange::settleAdmission() {
  if (denied_) std::rethrow_exception(std::exchange(denied_, nullptr));
}

void Exchange::openBody() {
  if (!match_.route) {
    if (match_.allow.empty()) throw NotFound("Not Found", "no route");
    throw Fault(FaultKind::MethodNotAllowed, "Method Not Allowed");
  }
  const Route& route = *match_.route;
  limit_ = route.limit().bytes;
  intake_ = route.isUpload() ? Intake::Sink : limit_ == 0 ? Intake::Discard : Intake::Collect;
  if (intake_ == Intake::Discard) limit_ = core_.options.maxDrainBytes;
  if (request_.contentLength().value_or(0) > limit_) {
    throw PayloadTooLarge("Content Too Large", "Content-Length over the route's limit");
  }
  if (route.isUpload()) sink_ = route.uploadHandler()(request_);
}

void Exchange::takePiece(std::string_view bytes) {
  if (bytes.size() > limit_ - taken_) {
    throw PayloadTooLarge("Content Too Large", "body over the route's limit");
  }
  taken_ += bytes.size();
  if (intake_ == Intake::Collect) body_ += bytes;
  if (intake_ == Intake::Sink) sink_->write(bytes);
}

Lane Exchange::lane() const {
  if (continuation_) return continuation_->lane;
  if (!match_.route) return Lane::Io;
  return intake_ == Intake::Sink ? Lane::Disk : match_.route->lane();
}

Response Exchange::runHandler() {
  if (const auto rest = std::exchange(continuation_, nullptr)) return rest->run(request_);
  if (intake_ == Intake::Sink) {
    Response response = sink_->finish();
    sink_.reset();
    return response;
  }
  RequestBuilder::setBody(request_, std::move(body_));
  return match_.route->handler()(request_);
}

std::optional<Response> Exchange::produce() noexcept {
  try {
    Response response = runHandler();
    continuation_ = response.continuation();
    if (continuation_) return std::nullopt;
    if (response.webSocket()) return answerHandshake(std::move(response));
    service_->decorate(request_, response);
    return response;
  } catch (...) {
    return refusal(std::current_exception());
  }
}

Response Exchange::answerHandshake(Response response) {
  if (auto refused = refuseUpgrade(request_, http11_)) {
    service_->decorate(request_, *refused);
    return std::move(*refused);
  }
  response.header("Upgrade", "websocket");
  response.header("Sec-WebSocket-Accept", acceptanceOf(request_.header("Sec-WebSocket-Key")));
  return response;
}

Response Exchange::refusal(const std::exception_ptr& thrown) noexcept {
  sink_.reset();
  try {
    std::rethrow_exception(thrown);
  } catch (const Fault& fault) {
    logFault(fault);
    return renderFault(fault);
  } catch (const std::exception& error) {
    log::error("http", "request failed",
               {{"request", request_.id()}, {"path", pathOf(request_)}, {"error", error.what()}});
  } catch (...) {
    log::error("http", "request failed", {{"request", request_.id()}, {"path", pathOf(request_)}});
  }
  return renderFault(Fault(FaultKind::Internal, "Internal Server Error"));
}

void Exchange::logFault(const Fault& fault) const {
  const int status = statusOf(fault.kind());
  const auto level = status >= 500 ? log::Level::Warning : log::Level::Debug;
  const std::string_view part = service_ ? service_->name() : "http";
  if (!log::isEnabled(level, part)) return;
  const log::Field request{"request", request_.id()};
  const log::Field method{"method", nameOf(request_.method())};
  const log::Field path{"path", pathOf(request_)};
  if (status >= 500) {  // In rest-server's words, which people look for.
    log::write(level, part, std::string("ERROR: ") + fault.what(),
               {request, method, path, {"status", status}});
  } else {
    log::write(level, part, "request refused",
               {request, method, path, {"status", status}, {"reason", fault.what()}});
  }
}

Response Exchange::renderFault(const Fault& fault) noexcept {
  try {
    return answerTo(fault);
  } catch (const std::exception& error) {
    log::error("http", "error page failed", {{"request", request_.id()}, {"error", error.what()}});
    return plainAnswer(500);
  }
}

Response Exchange::answerTo(const Fault& fault) {
  if (!service_) return plainAnswer(statusOf(fault.kind()));
  Response response = service_->renderError(request_, fault);
  const auto has = [&response](std::string_view name) {
    for (const auto& field : response.headers()) {
      if (field.first == name) return true;
    }
    return false;
  };
  if (fault.kind() == FaultKind::MethodNotAllowed && !match_.allow.empty() && !has("Allow")) {
    response.header("Allow", match_.allow);
  }
  if (fault.kind() == FaultKind::Unavailable && !has("Retry-After")) {
    response.header("Retry-After", kRetryAfterSeconds);
  }
  service_->decorate(request_, response);
  return response;
}

Response Exchange::plainAnswer(int status) {
  Response response = status == 200
                          ? Response::empty()
                          : Response::text(status, std::string(reasonPhrase(status)) + "\n");
  response.header("X-Content-Type-Options", "nosniff");
  return response;
}

ResponseWriter& Exchange::start(Response response, bool keepAlive, std::string_view date) {
  return writer_.emplace(std::move(response),
                         ResponseFraming{.headRequest = request_.method() == Method::Head,
                                         .http11 = http11_,
                                         .keepAlive = keepAlive,
                                         .date = date,
                                         .requestId = request_.id()});
}

void Exchange::finish() noexcept {
  if (std::exchange(finished_, true)) return;
  const Response& response = writer_->response();
  const std::uint64_t bytes = writer_->bodyBytesSent();
  try {
    if (response.sentHandler()) response.sentHandler()(bytes);
    core_.metrics.countRequest(service_, match_.route, response.status(),
                               std::chrono::steady_clock::now() - begin_);
    // A head that could not be parsed has nothing to fill a line with.
    if (!core_.accessLog || request_.target().empty()) return;
    core_.accessLog->write({.host = request_.clientAddress(),
                            .user = request_.user(),
                            .time = wallBegin_,
                            .method = nameOf(request_.method()),
                            .target = request_.target(),
                            .version = http11_ ? "HTTP/1.1" : "HTTP/1.0",
                            .status = response.status(),
                            .bodyBytes = bytes,
                            .referer = request_.header("Referer"),
                            .agent = request_.header("User-Agent"),
                            .requestId = request_.id()});
  } catch (const std::exception& error) {
    log::error("http", "after a response", {{"request", request_.id()}, {"error", error.what()}});
  }
}

}  // namespace coffer::http
