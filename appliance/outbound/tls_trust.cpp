// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/tls_trust.h"

#include "appliance/outbound/outbound_fault.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <new>
#include <unistd.h>

namespace coffer::outbound {
namespace {

// The folder is indexed by name, the file (all of them in one) would be read whole each time: it is
// for systems without the folder, and for those who name one in SSL_CERT_FILE.
void useSystemAuthorities(SSL_CTX* context) {
  SSL_CTX_set_default_verify_dir(context);
  const bool hasFolder = ::access(X509_get_default_cert_dir(), X_OK) == 0;
  if (!hasFolder || std::getenv(X509_get_default_cert_file_env()) != nullptr) {
    SSL_CTX_set_default_verify_file(context);
  }
}

}  // namespace

std::shared_ptr<ssl_ctx_st> makeClientTls(const TlsTrust& trust) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), "DEFAULT:@SECLEVEL=2") != 1) {
    throw std::bad_alloc();
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context.get(), trust.acceptsEverybody ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  useSystemAuthorities(context.get());
  if (!trust.authorityFile.empty() &&
      SSL_CTX_load_verify_file(context.get(), trust.authorityFile.c_str()) != 1) {
    ERR_clear_error();
    throw OutboundFault(OutboundFault::Reason::Untrusted,
                        trust.authorityFile + " cannot be read, or holds no PEM certificate");
  }
  ERR_clear_error();
  return context;
}

}  // namespace coffer::outbound
