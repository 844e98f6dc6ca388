// SPDX-License-Identifier: BSD-2-Clause
#include "tests/bench/load_client.h"

#include "appliance/base/bytes.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netdb.h>
#include <stdexcept>

namespace coffer::bench {
namespace {

constexpr std::size_t kScratchBytes = 1 << 20;

UniqueFd connectTcp(const Target& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found) != 0) {
    throw std::runtime_error("cannot resolve " + target.host);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
  UniqueFd fd(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), list->ai_addr, list->ai_addrlen) != 0) {
    throw std::runtime_error("connect: " + std::string(std::strerror(errno)));
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

UniqueFd connectUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long");
  path.copy(address.sun_path, path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect: " + std::string(std::strerror(errno)));
  }
  return fd;
}

// Value of a field in a lower-cased head; empty when absent.
std::string_view fieldOf(std::string_view head, std::string_view name) {
  const std::string key = "\r\n" + std::string(name) + ":";
  const auto at = head.find(key);
  if (at == std::string_view::npos) return {};
  const auto from = at + key.size();
  return trim(head.substr(from, head.find("\r\n", from) - from));
}

}  // namespace

Target Target::parse(const std::string& url) {
  Target target;
  if (url.starts_with("unix:")) {
    target.unixPath = url.substr(5);
    return target;
  }
  target.tls = url.starts_with("https://");
  if (!target.tls && !url.starts_with("http://")) throw std::runtime_error("not a URL: " + url);
  const std::string rest = url.substr(target.tls ? 8 : 7);
  const auto slash = rest.find('/');
  const std::string authority = rest.substr(0, slash);
  if (slash != std::string::npos) target.path = rest.substr(slash);
  while (target.path.ends_with('/')) target.path.pop_back();
  const auto colon = authority.rfind(':');
  target.host = authority.substr(0, colon);
  target.port =
      colon == std::string::npos ? (target.tls ? "443" : "80") : authority.substr(colon + 1);
  return target;
}

Client::Client(const Target& target, std::string authorization)
    : target_(target),
      authorization_(std::move(authorization)),
      fd_(target.unixPath.empty() ? connectTcp(target) : connectUnix(target.unixPath)),
      scratch_(kScratchBytes, '\0') {
  if (!target.tls) return;
  // The server is the one under test on this machine: its certificate is not what is measured.
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), fd_.get());
  std::string name = target.host;
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake failed");
}

Client::~Client() = default;

void Client::sendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(),
                                       static_cast<int>(std::min(bytes.size(), kScratchBytes)))
                           : ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("send failed");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t Client::receive(char* into, std::size_t size) {
  const auto got =
      ssl_ ? SSL_read(ssl_.get(), into, static_cast<int>(size)) : ::recv(fd_.get(), into, size, 0);
  if (got <= 0) throw std::runtime_error("connection closed by the server");
  return static_cast<std::size_t>(got);
}

std::string Client::readHead() {
  for (;;) {
    const auto end = pending_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = pending_.substr(0, end + 4);
      pending_.erase(0, end + 4);
      return head;
    }
    const auto got = receive(scratch_.data(), 64 * 1024);
    pending_.append(scratch_, 0, got);
  }
}

std::string Client::readLine() {
  for (;;) {
    const auto end = pending_.find("\r\n");
    if (end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 2);
      return line;
    }
    const auto got = receive(scratch_.data(), 64 * 1024);
    pending_.append(scratch_, 0, got);
  }
}

std::uint64_t Client::take(std::uint64_t count, Body keep, std::string& out) {
  std::uint64_t left = count;
  const auto first = static_cast<std::size_t>(std::min<std::uint64_t>(left, pending_.size()));
  if (keep == Body::Keep) out.append(pending_, 0, first);
  pending_.erase(0, first);
  left -= first;
  while (left > 0) {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, scratch_.size()));
    std::size_t got = 0;
    if (!ssl_ && target_.unixPath.empty() && keep == Body::Discard) {
      // TCP drops the bytes inside the kernel: no copy.
      const auto dropped = ::recv(fd_.get(), nullptr, want, MSG_TRUNC);
      if (dropped <= 0) throw std::runtime_error("connection closed by the server");
      got = static_cast<std::size_t>(dropped);
    } else {
      got = receive(scratch_.data(), want);
      if (keep == Body::Keep) out.append(scratch_, 0, got);
    }
    left -= got;
  }
  return count;
}

std::uint64_t Client::readBody(std::string_view head, Body keep, std::string& out) {
  if (fieldOf(head, "transfer-encoding") == "chunked") {
    std::uint64_t total = 0;
    for (;;) {
      const std::string line = readLine();
      std::uint64_t size = 0;
      std::from_chars(line.data(), line.data() + line.size(), size, 16);
      total += take(size, keep, out);
      readLine();
      if (size == 0) return total;
    }
  }
  const auto length = parseUnsigned(fieldOf(head, "content-length"));
  return length ? take(*length, keep, out) : 0;
}

Reply Client::request(std::string_view method, std::string_view path, std::string_view extraHeaders,
                      std::string_view body, Body keep) {
  std::string head(method);
  head += ' ';
  head += target_.path;
  head += path;
  head += " HTTP/1.1\r\nHost: ";
  head += target_.host.empty() ? "localhost" : target_.host;
  head += "\r\n";
  if (!authorization_.empty()) head += "Authorization: " + authorization_ + "\r\n";
  if (!body.empty() || method == "POST")
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  head += extraHeaders;
  head += "\r\n";
  sendAll(head);
  sendAll(body);

  const std::string answer = toLowerAscii(readHead());
  Reply reply;
  if (answer.size() < 12) throw std::runtime_error("not an HTTP answer");
  reply.status = static_cast<int>(parseUnsigned(std::string_view(answer).substr(9, 3)).value_or(0));
  if (method != "HEAD") reply.bodyBytes = readBody(answer, keep, reply.body);
  return reply;
}

}  // namespace coffer::bench
