// SPDX-License-Identifier: BSD-2-Clause
//
// What a handler returns. The core adds Date, Content-Length or chunked coding, Connection and
// X-Request-Id, leaves the body out for HEAD, 204 and 304, and sends without holding a thread: a
// slow reader costs a parked connection.
//
// A handler that has done what belongs on its lane, and needs another one to answer, returns
// Response::onLane(): a login that has hashed the password goes on where it may ask Duo.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/lane.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coffer::http {

// A body made while it is sent. Used by one thread at a time, not always the same one; destroyed
// when it has ended or the client has gone.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Appends the next piece, about 64 KiB, to `out` and returns true; false when there is no more.
  // Called again only when the last piece has been handed to the kernel. What it throws cuts the
  // connection, since the status has long been sent.
  virtual bool read(std::string& out) = 0;
};

// Bytes of an open file; sent with sendfile(2) on a plain connection.
struct FileBody {
  UniqueFd file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

class Request;
class Response;
class WebSocketHandler;
struct WebSocketOptions;
struct WebSocketUpgrade;

// The rest of a handler, to be run elsewhere. `run` is called once and never on Lane::Io, with the
// same request and everything attached to it; it may return another one.
struct Continuation {
  Lane lane = Lane::Disk;
  std::function<Response(Request&)> run;
};

class Response {
 public:
  using Body = std::variant<std::string, FileBody, std::unique_ptr<BodySource>>;

  explicit Response(int status = 200) : status_(status) {}

  static Response empty(int status = 200) { return Response(status); }
  static Response text(int status, std::string body,
                       std::string_view type = "text/plain; charset=utf-8");
  static Response json(std::string body, int status = 200);
  static Response file(FileBody body, std::string_view type, int status = 200);
  static Response stream(std::unique_ptr<BodySource> source, std::string_view type,
                         int status = 200);
  // No answer yet: the core runs `rest` on `lane` and sends what that returns. What it throws is
  // rendered like anything a handler throws; a full lane answers 503. Throws std::logic_error for
  // Lane::Io, which has no queue.
  static Response onLane(Lane lane, std::function<Response(Request&)> rest);
  // Makes the connection a WebSocket, when the request is a handshake; otherwise the core answers
  // 426 or 400 in its place. Such a response is not decorated by the service.
  static Response upgrade(std::unique_ptr<WebSocketHandler> handler,
                          const WebSocketOptions& options);

  // Adds a field. Throws std::logic_error for a name or value that would break the head (CR, LF,
  // other controls): a fault in the program, since values from outside are checked before.
  Response& header(std::string_view name, std::string_view value) &;
  Response&& header(std::string_view name, std::string_view value) && {
    return std::move(header(name, value));
  }
  // Content-Length for a response whose body is left out on purpose (the answer to a HEAD whose
  // handler knows the size without opening a body).
  Response& declaredLength(std::uint64_t bytes) &;
  Response&& declaredLength(std::uint64_t bytes) && { return std::move(declaredLength(bytes)); }
  // Closes the connection after this response.
  Response& close() &;
  Response&& close() && { return std::move(close()); }

  // Runs once, when the last body byte has been handed to the kernel or the connection has ended,
  // with the number of body bytes that went out. Must not throw.
  Response& onSent(std::function<void(std::uint64_t bodyBytes)> done) &;
  Response&& onSent(std::function<void(std::uint64_t bodyBytes)> done) && {
    return std::move(onSent(std::move(done)));
  }

  int status() const { return status_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  const Body& body() const { return body_; }
  Body& body() { return body_; }
  std::int64_t declaredLength() const { return declaredLength_; }  // -1: from the body.
  bool closes() const { return close_; }
  const std::function<void(std::uint64_t)>& sentHandler() const { return onSent_; }
  // Not null: this is no answer, see onLane().
  const std::shared_ptr<const Continuation>& continuation() const { return continuation_; }
  // Not null: see upgrade(). Whoever takes it over moves out of it.
  const std::shared_ptr<WebSocketUpgrade>& webSocket() const { return webSocket_; }

 private:
  int status_;
  std::vector<std::pair<std::string, std::string>> headers_;
  Body body_;
  std::int64_t declaredLength_ = -1;
  bool close_ = false;
  std::function<void(std::uint64_t)> onSent_;
  std::shared_ptr<const Continuation> continuation_;
  std::shared_ptr<WebSocketUpgrade> webSocket_;
};

// "Not Found" for 404, … ; "" for a number without a name.
std::string_view reasonPhrase(int status);

}  // namespace coffer::http
