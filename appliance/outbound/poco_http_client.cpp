// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/poco_http_client.h"

#include "appliance/base/bytes.h"
#include "appliance/outbound/channel.h"
#include "appliance/outbound/outbound_fault.h"
#include "appliance/outbound/url.h"

#include <Poco/InflatingStream.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Version.h>

#include <algorithm>
#include <array>
#include <istream>

namespace coffer::outbound {
namespace {

using Reason = OutboundFault::Reason;

constexpr int kMaxFields = 200;
constexpr int kMaxInterimAnswers = 8;
// With the interim answers, of which Poco reads any number by itself.
constexpr std::size_t kMaxHeads = 256 * KiB;
constexpr std::size_t kPiece = 16 * 1024;

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

bool isFieldValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

void checkSendable(const HttpRequest& request) {
  const bool clean = isToken(request.method) &&
                     std::all_of(request.headers.begin(), request.headers.end(), [](const auto& h) {
                       return isToken(h.first) && isFieldValue(h.second);
                     });
  if (!clean) {
    throw Fault(FaultKind::Internal, "Internal error.",
                "a request to " + request.url + " has an unsendable header");
  }
}

Url requireUrl(const std::optional<Url>& url, const std::string& text) {
  if (!url) throw OutboundFault(Reason::BadUrl, "\"" + text.substr(0, 200) + "\" cannot be called");
  return *url;
}

void askCaller(const HttpRequest& request, const std::string& host,
               const std::vector<IpAddress>& addresses) {
  if (!request.refuses) return;
  const auto ask = [&](const std::string& name) {
    if (request.refuses(name)) throw OutboundFault(Reason::Blocked, name + " may not be called");
  };
  ask(host);
  for (const auto& address : addresses) ask(address.text());
}

bool isRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool isSameOrigin(const Url& a, const Url& b) {
  return a.isSecure == b.isSecure && a.host == b.host && a.port == b.port;
}

// What `request` becomes after an answer of `status` that points to `next`.
void followTo(const Url& next, const Url& from, int status, HttpRequest& request) {
  if (status == 303 || (status <= 302 && request.method == "POST")) {
    if (request.method != "HEAD") request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers, [](const auto& header) {
      return equalsIgnoringCase(header.first, "Content-Type");
    });
  }
  if (!isSameOrigin(next, from)) {
    std::erase_if(request.headers, [](const auto& header) {
      return equalsIgnoringCase(header.first, "Authorization") ||
             equalsIgnoringCase(header.first, "Cookie");
    });
  }
}

Poco::Net::HTTPRequest messageOf(const HttpRequest& request, const Url& url,
                                 const std::string& userAgent) {
  Poco::Net::HTTPRequest message(request.method, url.target, "HTTP/1.1");
  message.set("Host", url.authority());
  message.set("User-Agent", userAgent);
  message.set("Accept", "*/*");
  message.set("Accept-Encoding", "gzip, deflate");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.setKeepAlive(false);
  const bool mayHaveBody = request.method != "GET" && request.method != "HEAD";
  if (!request.body.empty() || mayHaveBody) {
    message.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  }
  return message;
}

// Reads at most `request.maxBody` bytes into the answer.
void readBody(std::istream& in, const HttpRequest& request, HttpAnswer& answer) {
  std::array<char, kPiece> piece;
  while (in) {
    in.read(piece.data(), piece.size());
    const auto got = static_cast<std::size_t>(in.gcount());
    const auto room = request.maxBody - answer.body.size();
    answer.body.append(piece.data(), std::min(got, room));
    if (got <= room) continue;
    if (!request.truncate) {
      throw OutboundFault(Reason::TooLarge,
                          answer.url + " sends more than " + formatByteSize(request.maxBody));
    }
    answer.isTruncated = true;
    return;
  }
}

// RFC 9110 means zlib's format by "deflate"; some servers send the bare one.
int windowBits(std::istream& in) {
  constexpr int kBare = -15;
  constexpr int kZlibOrGzip = 15 + 32;
  const int first = in.peek();
  const bool hasHeader = (first & 0x0f) == 8 || first == 0x1f;
  return hasHeader ? kZlibOrGzip : kBare;
}

void readEncodedBody(std::istream& in, const HttpRequest& request, HttpAnswer& answer) {
  const std::string encoding = toLowerAscii(trim(answer.header("Content-Encoding")));
  if (encoding.empty() || encoding == "identity" || in.peek() == std::istream::traits_type::eof()) {
    return readBody(in, request, answer);
  }
  if (encoding != "gzip" && encoding != "x-gzip" && encoding != "deflate") {
    throw OutboundFault(Reason::Protocol, answer.url + " answers in an encoding nobody asked for");
  }
  Poco::InflatingInputStream inflated(in, windowBits(in));
  readBody(inflated, request, answer);
  if (inflated.bad())
    throw OutboundFault(Reason::Protocol, answer.url + " sends broken " + encoding);
}

// The stream of the body; the head goes into `answer`.
std::istream& receiveHead(Poco::Net::HTTPClientSession& session, Poco::Net::HTTPResponse& response,
                          HttpAnswer& answer) {
  response.setFieldLimit(kMaxFields);
#if POCO_VERSION >= 0x010D0000
  response.setAutoDecode(false);
#endif
  std::istream* body = &session.receiveResponse(response);
  for (int i = 0; i < kMaxInterimAnswers && static_cast<int>(response.getStatus()) / 100 == 1;
       ++i) {
    body = &session.receiveResponse(response);
  }
  answer.status = static_cast<int>(response.getStatus());
  if (!response.getVersion().starts_with("HTTP/1.") || answer.status < 200 || answer.status > 999) {
    throw OutboundFault(Reason::Protocol, answer.url + " does not speak HTTP");
  }
  for (const auto& [name, value] : response) answer.headers.emplace_back(name, value);
  return *body;
}

void exchange(Channel& channel, Poco::Net::HTTPClientSession& session, const HttpRequest& request,
              Poco::Net::HTTPRequest message, HttpAnswer& answer) {
  auto& out = session.sendRequest(message);
  out.write(request.body.data(), static_cast<std::streamsize>(request.body.size())).flush();
  Poco::Net::HTTPResponse response;
  channel.limitReceiving(kMaxHeads);
  std::istream& body = receiveHead(session, response, answer);
  channel.limitReceiving(0);
  readEncodedBody(body, request, answer);
  const bool endIsMarked = response.getChunkedTransferEncoding() || response.hasContentLength();
  if (channel.sawEnd() && endIsMarked && !answer.isTruncated) {
    throw OutboundFault(Reason::Unreachable, answer.url + " stopped in the middle of its answer");
  }
}

}  // namespace

PocoHttpClient::PocoHttpClient(std::string userAgent, TlsTrust trust, Resolver resolver)
    : userAgent_(std::move(userAgent)), trust_(std::move(trust)), resolver_(std::move(resolver)) {}

HttpAnswer PocoHttpClient::send(const HttpRequest& request) const {
  checkSendable(request);
  Url url = requireUrl(parseUrl(request.url), request.url);
  HttpRequest current = request;
  for (unsigned followed = 0;; ++followed) {
    HttpAnswer answer = sendUnlessStopping(current, url);
    const std::string location(answer.header("Location"));
    if (!isRedirect(answer.status) || location.empty() || followed == request.maxRedirects) {
      return answer;
    }
    const Url next = requireUrl(resolveUrl(url, location), location);
    followTo(next, url, answer.status, current);
    url = next;
  }
}

HttpAnswer PocoHttpClient::sendUnlessStopping(const HttpRequest& request, const Url& url) const {
  const auto isGivenUp = [&] { return request.isOptional && stop_.stop_requested(); };
  const auto giveUp = [&] { throw OutboundFault(Reason::Stopping, url.text() + " is given up"); };
  if (isGivenUp()) giveUp();
  try {
    return sendOnce(request, url);
  } catch (const OutboundFault&) {
    if (isGivenUp()) giveUp();
    throw;
  }
}

HttpAnswer PocoHttpClient::sendOnce(const HttpRequest& request, const Url& url) const {
  const Limit limit{std::chrono::steady_clock::now() + request.timeout,
                    request.isOptional ? stop_.get_token() : std::stop_token()};
  const auto addresses = resolve(resolver_, url.host, request.destinations, limit);
  askCaller(request, url.host, addresses);
  auto* channel = new Channel(connectTo(addresses, url.port, limit), limit);
  Poco::Net::StreamSocket socket(channel);  // Owns the channel.
  const auto context = url.isSecure ? tls() : nullptr;
  if (context) channel->startTls(*context, url.host);
  HttpAnswer answer;
  answer.url = url.text();
  try {
    Poco::Net::HTTPClientSession session(socket);
    exchange(*channel, session, request, messageOf(request, url, userAgent_), answer);
    if (!channel->failure()) {
      channel->finish();
      return answer;
    }
  } catch (const Poco::Exception& e) {
    if (!channel->failure())
      throw OutboundFault(Reason::Protocol, answer.url + ": " + e.displayText());
  }
  throw OutboundFault(channel->failure()->reason(),
                      answer.url + ": " + channel->failure()->detail());
}

std::shared_ptr<ssl_ctx_st> PocoHttpClient::tls() const {
  return tls_.with([this](auto& context) {
    if (!context) context = makeClientTls(trust_);
    return context;
  });
}

}  // namespace coffer::outbound
