// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <new>
#include <unistd.h>

namespace coffer::http {
namespace {

using Kind = IoResult::Kind;

constexpr int kFullRecord = 16 * 1024;  // RFC 8446 section 5.1.
constexpr std::size_t kCopyBytes = 64 * 1024;

IoResult systemResult(ssize_t result, Kind whenBlocked) {
  if (result > 0) return {Kind::Done, static_cast<std::size_t>(result)};
  if (result == 0) return {Kind::Eof};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {whenBlocked};
  return {Kind::Failed};
}

template <typename Call>
ssize_t retried(Call&& call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

IoResult sendBytes(int fd, std::string_view bytes, int flags) {
  return systemResult(
      retried([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags); }),
      Kind::WantWrite);
}

int sslLength(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

void Transport::SslFree::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Transport::Transport(UniqueFd fd, std::shared_ptr<ssl_ctx_st> tls)
    : fd_(std::move(fd)), tls_(std::move(tls)) {}

Transport::~Transport() { closeTls(); }

IoResult Transport::peek(char& byte) {
  return systemResult(retried([&] { return ::recv(fd_.get(), &byte, 1, MSG_PEEK); }),
                      Kind::WantRead);
}

IoResult Transport::handshake() {
  if (!ssl_) {
    ssl_.reset(SSL_new(tls_.get()));
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) throw std::bad_alloc();
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
    // One recv for a record's header and body instead of two.
    SSL_set_read_ahead(ssl_.get(), 1);
    SSL_set_accept_state(ssl_.get());
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return sslResult(result);
  established_ = true;
  return {Kind::Done};
}

std::string Transport::certificateName() const {
  if (!ssl_ || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(ssl_.get()), &X509_free);
  if (!certificate) return {};
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  if (length < 0) return {};
  std::string name(text, text + length);
  OPENSSL_free(text);
  // A name with a NUL or another control is a trick, not a name.
  const bool clean = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return clean ? name : std::string();
}

IoResult Transport::read(char* buffer, std::size_t size) {
  if (!ssl_) {
    return systemResult(retried([&] { return ::recv(fd_.get(), buffer, size, 0); }),
                        Kind::WantRead);
  }
  // OpenSSL returns one record a call; several fill the buffer.
  std::size_t filled = 0;
  IoResult last;
  while (filled < size) {
    ERR_clear_error();
    const int result = SSL_read(ssl_.get(), buffer + filled, sslLength(size - filled));
    if (result <= 0) {
      last = sslResult(result);
      break;
    }
    filled += static_cast<std::size_t>(result);
    // A record that is not full was the last of a flight: asking again would only cost a call.
    if (result < kFullRecord && SSL_has_pending(ssl_.get()) == 0) break;
  }
  if (filled > 0) return {Kind::Done, filled};
  return last;
}

IoResult Transport::discard(char* buffer, std::size_t size) {
  if (ssl_) return read(buffer, size);
  return systemResult(retried([&] { return ::recv(fd_.get(), nullptr, size, MSG_TRUNC); }),
                      Kind::WantRead);
}

bool Transport::hasPending() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

IoResult Transport::write(std::string_view bytes) {
  if (!ssl_) return sendBytes(fd_.get(), bytes, 0);
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), bytes.data(), sslLength(bytes.size()));
  if (result > 0) return {Kind::Done, static_cast<std::size_t>(result)};
  return sslResult(result);
}

IoResult Transport::write(std::string_view first, std::string_view second) {
  if (ssl_) return write(first.empty() ? second : first);
  iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()},
                     {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  return systemResult(retried([&] { return ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL); }),
                      Kind::WantWrite);
}

IoResult Transport::writeMore(std::string_view bytes) {
  return ssl_ ? write(bytes) : sendBytes(fd_.get(), bytes, MSG_MORE);
}

IoResult Transport::sendFile(int file, std::uint64_t& offset, std::size_t count) {
  auto position = static_cast<off_t>(offset);
  const auto result = retried([&] { return ::sendfile(fd_.get(), file, &position, count); });
  if (result < 0 && (errno == EINVAL || errno == ENOSYS)) return copyFile(file, offset, count);
  offset = static_cast<std::uint64_t>(position);
  return systemResult(result, Kind::WantWrite);
}

// What the socket does not take is read again later, from the page cache.
IoResult Transport::copyFile(int file, std::uint64_t& offset, std::size_t count) {
  std::array<char, kCopyBytes> piece;
  const auto got = retried([&] {
    return ::pread(file, piece.data(), std::min(count, piece.size()), static_cast<off_t>(offset));
  });
  if (got <= 0) return {got == 0 ? Kind::Eof : Kind::Failed};
  const auto result = sendBytes(fd_.get(), {piece.data(), static_cast<std::size_t>(got)}, 0);
  if (result.kind == Kind::Done) offset += result.bytes;
  return result;
}

void Transport::abort() {
  broken_ = true;
  const linger reset{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

void Transport::finishSending() {
  closeTls();
  ::shutdown(fd_.get(), SHUT_WR);
}

void Transport::closeTls() {
  if (ssl_ && established_ && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    established_ = false;
  }
}

IoResult Transport::sslResult(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Kind::WantRead};
    case SSL_ERROR_WANT_WRITE:
      return {Kind::WantWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {Kind::Eof};
    default:
      broken_ = true;
      return {Kind::Failed};
  }
}

}  // namespace coffer::http
