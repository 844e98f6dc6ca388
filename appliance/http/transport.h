// SPDX-License-Identifier: BSD-2-Clause
//
// Bytes in and out of one connected, non-blocking socket, plain or through TLS. No call ever waits.
// Threads: one at a time.
#pragma once

#include "appliance/base/unique_fd.h"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace coffer::http {

struct IoResult {
  enum class Kind : std::uint8_t {
    Done,       // `bytes` were moved; at least one.
    WantRead,   // Nothing possible until the socket is readable …
    WantWrite,  // … or writable.
    Eof,        // The peer has finished sending.
    Failed,     // The connection is of no further use.
  };
  Kind kind = Kind::Failed;
  std::size_t bytes = 0;
};

class Transport {
 public:
  // `tls` null: plain. The TLS state is made at the first handshake() call, so that a silent
  // connection costs nothing.
  Transport(UniqueFd fd, std::shared_ptr<ssl_ctx_st> tls);
  // Sends close_notify when the TLS connection is healthy, then closes the socket.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int fd() const { return fd_.get(); }
  [[nodiscard]] bool isTls() const { return tls_ != nullptr; }

  // First byte of the stream without taking it: tells TLS from plain HTTP. Done: `byte` is set.
  IoResult peek(char& byte);
  // One step of the TLS handshake; Done (with no bytes) when it is complete.
  IoResult handshake();
  // Common name of the verified client certificate, "" without one. After the handshake.
  std::string certificateName() const;

  // Fills as much of `buffer` as is there; less than `size` means: wait for the socket next, unless
  // hasPending().
  IoResult read(char* buffer, std::size_t size);
  // Throws away up to `size` incoming bytes; on a plain socket without copying them.
  IoResult discard(char* buffer, std::size_t size);
  // True when bytes have left the socket but not TLS: do not wait for the socket then.
  [[nodiscard]] bool hasPending() const;

  IoResult write(std::string_view bytes);
  // Two pieces in one segment where possible.
  IoResult write(std::string_view first, std::string_view second);
  // As write(), and holds a short segment back for the sendFile() that follows.
  IoResult writeMore(std::string_view bytes);
  // From `file` at `offset`, which advances. Plain sockets only. Eof: the file has ended early.
  // With sendfile(2); where the file's system cannot (some FUSE and network ones), by copying.
  IoResult sendFile(int file, std::uint64_t& offset, std::size_t count);

  // Closing will reset the connection, so that the peer cannot take it for an orderly end.
  void abort();
  // No more will be sent: close_notify and FIN. Reading goes on.
  void finishSending();

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const;
  };

  IoResult copyFile(int file, std::uint64_t& offset, std::size_t count);
  IoResult sslResult(int result);
  void closeTls();

  UniqueFd fd_;
  std::shared_ptr<ssl_ctx_st> tls_;
  std::unique_ptr<ssl_st, SslFree> ssl_;
  bool established_ = false;
  bool broken_ = false;  // After a fatal TLS error not even close_notify may be tried.
};

}  // namespace coffer::http
