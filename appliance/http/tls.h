// SPDX-License-Identifier: BSD-2-Clause
//
// Server-side TLS through OpenSSL itself: TLS 1.2 and 1.3, ECDHE with AEAD only, X25519 first,
// HTTP/1.1 by ALPN, tickets, no renegotiation, no compression. ChaCha20 goes first when this
// machine or the client has no AES instructions.
#pragma once

#include "appliance/base/clock.h"

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace coffer::http {

struct TlsOptions {
  std::string certificateFile;         // PEM chain, leaf first.
  std::string keyFile;                 // PEM.
  std::string minimumVersion = "1.2";  // "1.2" or "1.3".
  // PEM bundle of authorities whose client certificates are accepted. Empty: none is asked for.
  std::string clientAuthorityFile;
  bool clientCertificateRequired = false;
};

// Holds the current SSL_CTX. Connections keep the one they began with.
// Threads: current() and reload() from any.
class TlsContext {
 public:
  // Throws UsageError naming the file that cannot be used.
  explicit TlsContext(TlsOptions options);
  ~TlsContext();

  // Reads the files again; ticket keys carry over, so sessions resume. Keeps the old certificate
  // and throws UsageError when the new one cannot be used.
  void reload();

  std::shared_ptr<ssl_ctx_st> current() const;
  UnixMicros notAfter() const;  // Of the leaf certificate.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// True when the processor has instructions for AES (x86 AES-NI, ARMv8 crypto extensions).
bool processorHasAes();

}  // namespace coffer::http
