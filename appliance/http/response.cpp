// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/response.h"

#include "appliance/base/bytes.h"
#include "appliance/http/characters.h"
#include "appliance/http/websocket.h"

#include <algorithm>
#include <stdexcept>

namespace coffer::http {
namespace {

// These frame the message; a second one would break it.
bool isOwnedByCore(std::string_view name) {
  return equalsIgnoringCase(name, "Content-Length") ||
         equalsIgnoringCase(name, "Transfer-Encoding") || equalsIgnoringCase(name, "Connection");
}

}  // namespace

Response Response::text(int status, std::string body, std::string_view type) {
  Response response(status);
  response.header("Content-Type", type);
  response.body_ = std::move(body);
  return response;
}

Response Response::json(std::string body, int status) {
  return text(status, std::move(body), "application/json");
}

Response Response::file(FileBody body, std::string_view type, int status) {
  Response response(status);
  response.header("Content-Type", type);
  response.body_ = std::move(body);
  return response;
}

Response Response::stream(std::unique_ptr<BodySource> source, std::string_view type, int status) {
  Response response(status);
  response.header("Content-Type", type);
  response.body_ = std::move(source);
  return response;
}

Response Response::onLane(Lane lane, std::function<Response(Request&)> rest) {
  if (lane == Lane::Io) throw std::logic_error("nothing is handed over to the I/O workers");
  Response response;
  response.continuation_ =
      std::make_shared<const Continuation>(Continuation{lane, std::move(rest)});
  return response;
}

Response Response::upgrade(std::unique_ptr<WebSocketHandler> handler,
                           const WebSocketOptions& options) {
  Response response(101);
  response.webSocket_ = std::make_shared<WebSocketUpgrade>();
  response.webSocket_->handler = std::move(handler);
  response.webSocket_->options = options;
  return response;
}

Response& Response::header(std::string_view name, std::string_view value) & {
  if (!isToken(name) || isOwnedByCore(name)) {
    throw std::logic_error("not a response field: " + std::string(name));
  }
  // Bytes above 0x7f are let through: file names in Content-Disposition carry UTF-8.
  const bool clean = std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  if (!clean) throw std::logic_error("control character in response field " + std::string(name));
  headers_.emplace_back(name, value);
  return *this;
}

Response& Response::declaredLength(std::uint64_t bytes) & {
  declaredLength_ = static_cast<std::int64_t>(bytes);
  return *this;
}

Response& Response::close() & {
  close_ = true;
  return *this;
}

Response& Response::onSent(std::function<void(std::uint64_t)> done) & {
  onSent_ = std::move(done);
  return *this;
}

std::string_view reasonPhrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

}  // namespace coffer::http
