// SPDX-License-Identifier: BSD-2-Clause
//
// One keep-alive HTTP/1.1 connection of the load driver: blocking, plain, TLS or Unix socket. It
// throws away response bodies as cheaply as it can, so that the server stays the one measured.
#pragma once

#include "appliance/base/unique_fd.h"

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::bench {

struct Target {
  bool tls = false;
  std::string unixPath;  // Set: a Unix socket instead of host and port.
  std::string host;
  std::string port;
  std::string path;  // What stands behind the authority, without a slash at the end.

  // "http://h:p/base", "https://h:p/base", "unix:/path". Throws std::runtime_error.
  static Target parse(const std::string& url);
};

struct Reply {
  int status = 0;
  std::uint64_t bodyBytes = 0;
  std::string body;  // Only when asked for.
};

enum class Body { Discard, Keep };

class Client {
 public:
  // Connects at once. `authorization` is the whole header value or empty.
  Client(const Target& target, std::string authorization);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends and reads the whole answer. Throws std::runtime_error on a broken connection.
  Reply request(std::string_view method, std::string_view path, std::string_view extraHeaders,
                std::string_view body, Body keep = Body::Discard);

 private:
  void sendAll(std::string_view bytes);
  std::size_t receive(char* into, std::size_t size);
  std::string readHead();
  std::uint64_t readBody(std::string_view head, Body keep, std::string& out);
  std::uint64_t take(std::uint64_t count, Body keep, std::string& out);
  std::string readLine();

  const Target& target_;
  std::string authorization_;
  UniqueFd fd_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  std::string pending_;  // Received and not yet used.
  std::string scratch_;
};

}  // namespace coffer::bench
