// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/probe.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/unique_fd.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <netdb.h>

namespace coffer::runtime {
namespace {

constexpr std::size_t kLargestAnswer = 64 * 1024;

struct NoAnswer {
  std::string reason;
  bool timedOut = false;
};

[[noreturn]] void giveUp(const std::string& what) {
  const bool late = errno == EAGAIN || errno == EINPROGRESS || errno == ETIMEDOUT;
  throw NoAnswer{what + ": " + (late ? "no answer in time" : std::strerror(errno)), late};
}

void setTimeouts(int socket, std::chrono::milliseconds timeout) {
  const timeval value{timeout.count() / 1000, (timeout.count() % 1000) * 1000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

UniqueFd connectUnix(const std::string& path, std::chrono::milliseconds timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) throw NoAnswer{"bad socket path"};
  path.copy(address.sun_path, path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() +
                                             (path[0] == '@' ? 0 : 1));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  setTimeouts(socket.get(), timeout);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), length) != 0) {
    giveUp("connect to " + path);
  }
  return socket;
}

UniqueFd connectTcp(const ProbeTarget& target, std::chrono::milliseconds timeout) {
  const bool wildcard = target.host.empty() || target.host == "0.0.0.0" || target.host == "::";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(wildcard ? "localhost" : target.host.c_str(), target.port.c_str(),
                                 &hints, &found);
  if (code != 0) throw NoAnswer{target.host + ": " + ::gai_strerror(code)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    UniqueFd socket(::socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) continue;
    setTimeouts(socket.get(), timeout);
    if (::connect(socket.get(), entry->ai_addr, entry->ai_addrlen) == 0) return socket;
  }
  giveUp("connect to " + target.host + ":" + target.port);
}

// Both send the request and collect the answer until the server closes.

std::string exchangePlain(int socket, const std::string& request) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    giveUp("send");
  }
  std::string answer;
  std::array<char, 4096> part{};
  while (answer.size() < kLargestAnswer) {
    const auto size = ::recv(socket, part.data(), part.size(), 0);
    if (size < 0) giveUp("receive");
    if (size == 0) break;
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  return answer;
}

[[noreturn]] void giveUpTls(const char* what) {
  if (ERR_peek_error() == 0 && errno == EAGAIN) giveUp(what);
  std::array<char, 256> reason{};
  const auto code = ERR_get_error();
  ERR_error_string_n(code, reason.data(), reason.size());
  ERR_clear_error();
  throw NoAnswer{std::string(what) + ": " + (code ? reason.data() : "connection lost")};
}

std::string exchangeTls(int socket, const ProbeTarget& target, const std::string& request) {
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), &::SSL_CTX_free);
  if (!context) giveUpTls("TLS");
  if (!target.trustFile.empty()) {
    if (SSL_CTX_load_verify_file(context.get(), target.trustFile.c_str()) != 1) {
      giveUpTls(target.trustFile.c_str());
    }
    // The file may hold the server's own certificate instead of an authority.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  const std::unique_ptr<SSL, decltype(&::SSL_free)> tls(SSL_new(context.get()), &::SSL_free);
  errno = 0;
  if (!tls || SSL_set_fd(tls.get(), socket) != 1 || SSL_connect(tls.get()) != 1) {
    giveUpTls("TLS handshake");
  }
  if (SSL_write(tls.get(), request.data(), static_cast<int>(request.size())) <= 0) {
    giveUpTls("send");
  }
  std::string answer;
  std::array<char, 4096> part{};
  while (answer.size() < kLargestAnswer) {
    const int size = SSL_read(tls.get(), part.data(), static_cast<int>(part.size()));
    if (size <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  ERR_clear_error();
  return answer;
}

// "HTTP/1.1 200 OK\r\n…\r\n\r\nbody".
ProbeResult parseAnswer(const std::string& answer) {
  ProbeResult result;
  const bool isHttp = answer.starts_with("HTTP/1.") && answer.size() > 12 && answer[8] == ' ';
  const auto status = isHttp ? parseUnsigned(answer.substr(9, 3)) : std::nullopt;
  if (!status) {
    result.error = answer.empty() ? "the server closed the connection" : "the answer is not HTTP";
    return result;
  }
  result.status = static_cast<int>(*status);
  const auto end = answer.find("\r\n\r\n");
  if (end != std::string::npos) result.body = answer.substr(end + 4);
  return result;
}

}  // namespace

ProbeTarget parseProbeUrl(const std::string& url) {
  ProbeTarget target;
  if (url.starts_with("unix:") && url.size() > 5) {
    target.unixPath = url.substr(5);
    return target;
  }
  const auto wrong = [&] {
    return UsageError("\"" + url + "\" is not https://HOST:PORT, http://HOST:PORT or unix:PATH", 2);
  };
  target.tls = url.starts_with("https://");
  if (!target.tls && !url.starts_with("http://")) throw wrong();
  std::string rest = url.substr(target.tls ? 8 : 7);
  if (const auto slash = rest.find('/'); slash != std::string::npos) {
    if (slash + 1 < rest.size()) target.path = rest.substr(slash);
    rest.resize(slash);
  }
  const auto colon = rest.rfind(':');
  const bool hasPort = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  target.port = hasPort ? rest.substr(colon + 1) : (target.tls ? "443" : "80");
  target.host = rest.substr(0, hasPort ? colon : rest.size());
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  const auto port = parseUnsigned(target.port);
  const bool breaksLine = url.find_first_of(" \r\n\t") != std::string::npos;
  if (!port || *port == 0 || *port > 65535 || breaksLine) throw wrong();
  return target;
}

ProbeResult probe(const ProbeTarget& target, std::chrono::milliseconds timeout) {
  try {
    const UniqueFd socket = target.unixPath.empty() ? connectTcp(target, timeout)
                                                    : connectUnix(target.unixPath, timeout);
    const std::string request = "GET " + target.path +
                                " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: coffer-healthcheck\r\n"
                                "Connection: close\r\n\r\n";
    return parseAnswer(target.tls ? exchangeTls(socket.get(), target, request)
                                  : exchangePlain(socket.get(), request));
  } catch (const NoAnswer& none) {
    return {0, {}, none.reason, none.timedOut};
  }
}

}  // namespace coffer::runtime
