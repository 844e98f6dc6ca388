// SPDX-License-Identifier: BSD-2-Clause
//
// Calls of other servers over HTTP and HTTPS. The name is resolved once, every address is checked,
// and the connection goes to a checked address: there is no second resolution that could answer
// otherwise. Certificates are checked against the system's authorities, TLS 1.2 or newer. Proxy
// variables of the environment are ignored.
//
// Blocks; belongs on Lane::Outbound or Lane::Fetch (http/route.h), never on a worker.
// Threads: send() from any.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::outbound {

enum class Destinations {
  Any,         // An address that the owner of the box configured.
  PublicOnly,  // One that somebody else chose: no private, loopback, link-local … address.
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https, no credentials in it.
  HeaderList headers;
  std::string body;
  std::size_t maxBody = 1024 * 1024;  // Of the answer, after decompression.
  bool truncate = false;              // Longer bodies are cut there instead of being refused.
  std::chrono::milliseconds timeout{10'000};  // For the whole of one hop.
  unsigned maxRedirects = 0;                  // Beyond them, the redirect itself is the answer.
  Destinations destinations = Destinations::Any;
  // Given up when the program ends. Others are waited for, within their time.
  bool isOptional = false;
  // Asked about the host and each of its addresses, after every redirect too; true refuses them.
  std::function<bool(const std::string& hostOrAddress)> refuses;
};

struct HttpAnswer {
  int status = 0;
  HeaderList headers;
  std::string body;
  std::string url;  // After redirects.
  bool isTruncated = false;

  // First value whatever the name's case; "" when absent.
  std::string_view header(std::string_view name) const;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any status is an answer. Throws OutboundFault (outbound_fault.h) when there was none.
  virtual HttpAnswer send(const HttpRequest& request) const = 0;
};

}  // namespace coffer::outbound
