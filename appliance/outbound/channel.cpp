// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/channel.h"

#include <Poco/Exception.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <poll.h>

namespace coffer::outbound {
namespace {

using Reason = OutboundFault::Reason;
using Clock = std::chrono::steady_clock;

// Waits until the socket is ready; false when the limit came first.
bool pollUntil(int fd, short events, const Limit& limit) {
  while (!limit.isOver()) {
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(limit.slice().count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // The call that follows says what is wrong.
  }
  return false;
}

int connectSocket(int fd, const IpAddress& address, std::uint16_t port) {
  if (address.isV6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    std::memcpy(&to.sin6_addr, address.bytes.data(), sizeof to.sin6_addr);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  std::memcpy(&to.sin_addr, address.bytes.data(), sizeof to.sin_addr);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

// The socket, or none and why in `error`.
UniqueFd tryAddress(const IpAddress& address, std::uint16_t port, const Limit& limit, int& error) {
  UniqueFd fd(::socket(address.isV6 ? AF_INET6 : AF_INET,
                       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  error = errno;
  if (!fd) return fd;
  if (connectSocket(fd.get(), address, port) != 0) {
    error = errno;
    if (error != EINPROGRESS) return UniqueFd();
    error = ETIMEDOUT;
    if (!pollUntil(fd.get(), POLLOUT, limit)) return UniqueFd();
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return UniqueFd();
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  error = 0;
  return fd;
}

std::string opensslReason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the connection broke" : reason;
}

// As the macro SSL_set_tlsext_host_name, which has a cast of C's in it.
void setServerName(SSL* ssl, const std::string& host) {
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host.c_str()));
}

}  // namespace

UniqueFd connectTo(const std::vector<IpAddress>& addresses, std::uint16_t port,
                   const Limit& limit) {
  std::string tried;
  bool timedOut = false;
  auto left = static_cast<int>(addresses.size());
  for (const auto& address : addresses) {
    const auto now = Clock::now();
    const auto share = std::max(limit.deadline - now, Clock::duration::zero()) / left--;
    int error = 0;
    UniqueFd fd = tryAddress(address, port, {now + share, limit.stop}, error);
    if (fd) return fd;
    timedOut = timedOut || error == ETIMEDOUT;
    tried += (tried.empty() ? "" : "; ") + address.text() + " port " + std::to_string(port) + ": " +
             std::strerror(error);
  }
  throw OutboundFault(timedOut ? Reason::TimedOut : Reason::Unreachable, tried);
}

void Channel::SslFree::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Channel::Channel(UniqueFd connected, Limit limit)
    : StreamSocketImpl(connected.release()), limit_(std::move(limit)) {}

Channel::~Channel() = default;

void Channel::startTls(ssl_ctx_st& context, const std::string& host) {
  ssl_.reset(SSL_new(&context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), sockfd()) != 1) throw std::bad_alloc();
  const bool isAddress = parseIpAddress(host).has_value();
  if (!isAddress) setServerName(ssl_.get(), host);
  // Where this fails, any name in the certificate would do.
  const int isNamed = isAddress
                          ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str())
                          : SSL_set1_host(ssl_.get(), host.c_str());
  if (isNamed != 1) throw std::bad_alloc();
  try {
    for (;;) {
      ERR_clear_error();
      const int result = SSL_connect(ssl_.get());
      if (result == 1) return;
      waitForTls(result, "TLS handshake");
    }
  } catch (const Poco::IOException&) {
    throw OutboundFault(*failure_);
  }
}

void Channel::finish() {
  if (!ssl_ || failure_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

int Channel::sendBytes(const void* buffer, int length, int) {
  if (failure_) throw Poco::IOException(failure_->detail());
  replied_ = 0;
  const auto* bytes = static_cast<const char*>(buffer);
  for (int sent = 0; sent < length;) sent += sendSome(bytes + sent, length - sent);
  return length;
}

// At least one byte.
int Channel::sendSome(const char* bytes, int length) {
  for (;;) {
    if (ssl_) {
      ERR_clear_error();
      const int result = SSL_write(ssl_.get(), bytes, length);
      if (result > 0) return result;
      waitForTls(result, "sending");
      continue;
    }
    const auto result = ::send(sockfd(), bytes, static_cast<std::size_t>(length), MSG_NOSIGNAL);
    if (result > 0) return static_cast<int>(result);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLOUT);
    } else if (errno != EINTR) {
      fail(Reason::Unreachable, std::string("sending: ") + std::strerror(errno));
    }
  }
}

int Channel::receiveBytes(void* buffer, int length, int) {
  if (failure_) throw Poco::IOException(failure_->detail());
  const int got = receiveSome(buffer, length);
  sawEnd_ = got == 0;
  received_ += static_cast<std::size_t>(got);
  if (maxReceived_ != 0 && received_ > maxReceived_) {
    fail(Reason::TooLarge, "the head of the answer has no end");
  }
  if (maxReply_ == 0) return got;
  if (sawEnd_) fail(Reason::Unreachable, "the server ended the connection");
  replied_ += static_cast<std::size_t>(got);
  if (replied_ > maxReply_) fail(Reason::TooLarge, "the server's answer has no end");
  return got;
}

// 0: the end.
int Channel::receiveSome(void* buffer, int length) {
  for (;;) {
    // A peer that never stops sending must not keep the data coming past the deadline either.
    if (limit_.isOver()) fail(Reason::TimedOut, "no answer in time");
    if (ssl_) {
      ERR_clear_error();
      const int result = SSL_read(ssl_.get(), buffer, length);
      if (result > 0) return result;
      if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) return 0;
      waitForTls(result, "receiving");
      continue;
    }
    const auto result = ::recv(sockfd(), buffer, static_cast<std::size_t>(length), 0);
    if (result > 0) return static_cast<int>(result);
    if (result == 0) return 0;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLIN);
    } else if (errno != EINTR) {
      fail(Reason::Unreachable, std::string("receiving: ") + std::strerror(errno));
    }
  }
}

void Channel::fail(Reason reason, const std::string& detail) {
  failure_.emplace(reason, detail);
  throw Poco::IOException(detail);
}

void Channel::wait(short events) {
  if (!pollUntil(sockfd(), events, limit_)) fail(Reason::TimedOut, "no answer in time");
}

// After an OpenSSL call that did not succeed: returns when it is worth another try.
void Channel::waitForTls(int result, const char* doing) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return wait(POLLIN);
  if (error == SSL_ERROR_WANT_WRITE) return wait(POLLOUT);
  const std::string prefix = std::string(doing) + ": ";
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
    fail(Reason::Untrusted,
         prefix + "the certificate is not good: " + X509_verify_cert_error_string(verdict));
  }
  const unsigned long code = ERR_peek_last_error();
  const bool cutOff = error == SSL_ERROR_SYSCALL || code == 0 ||
                      ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  fail(cutOff ? Reason::Unreachable : Reason::Untrusted, prefix + opensslReason());
}

}  // namespace coffer::outbound
