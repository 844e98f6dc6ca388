// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/tls.h"

#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/guarded.h"
#include "appliance/base/log.h"
#include "appliance/base/secret.h"
#include "appliance/base/unique_fd.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__aarch64__) || defined(__arm__)
#include <sys/auxv.h>

#include <asm/hwcap.h>
#endif

namespace coffer::http {
namespace {

// ECDHE with AEAD, nothing else. The smaller AES key goes first: it is strong enough and faster.
constexpr const char* kSuitesAesFirst =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:@SECLEVEL=2";
constexpr const char* kSuitesChachaFirst =
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:@SECLEVEL=2";
constexpr const char* kTls13AesFirst =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kTls13ChachaFirst =
    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
constexpr const char* kGroups = "X25519:P-256:P-384";

constexpr std::uint64_t kOptions = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF;
// Buffers are given back while a connection is idle; writes go on from where the socket stopped.
constexpr long kModes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;

using ContextPointer = std::shared_ptr<SSL_CTX>;

// The reason of the oldest error that OpenSSL has queued; empties the queue.
std::string opensslReason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

[[noreturn]] void refuse(std::string_view what, const std::string& file, const std::string& why) {
  ERR_clear_error();
  throw UsageError("TLS " + std::string(what) + " " + file + ": " + why);
}

// OpenSSL's own message for a missing file does not name it.
void checkReadable(std::string_view what, const std::string& file) {
  const UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened) refuse(what, file, std::strerror(errno));
}

// Without it OpenSSL would ask for the key's passphrase on the terminal.
int noPassphrase(char*, int, int, void*) { return -1; }

// HTTP/1 in either version; a client that insists on anything else is told that there is none.
int selectHttp1(SSL*, const unsigned char** out, unsigned char* outLength,
                const unsigned char* offered, unsigned int offeredLength, void*) {
  static constexpr std::string_view kOurs = "\x08http/1.1\x08http/1.0";
  unsigned char* selected = nullptr;
  const int result = SSL_select_next_proto(
      &selected, outLength, reinterpret_cast<const unsigned char*>(kOurs.data()),
      static_cast<unsigned int>(kOurs.size()), offered, offeredLength);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

int protocolVersion(const std::string& text) {
  if (text == "1.2") return TLS1_2_VERSION;
  if (text == "1.3") return TLS1_3_VERSION;
  throw UsageError("TLS minimum version " + text + ": must be 1.2 or 1.3");
}

// A step that can only fail when OpenSSL itself is not what it should be.
void require(bool ok, std::string_view step) {
  if (!ok) throw UsageError("TLS " + std::string(step) + ": " + opensslReason());
}

void setProtocol(SSL_CTX* context, const TlsOptions& options) {
  const bool aes = processorHasAes();
  require(SSL_CTX_set_min_proto_version(context, protocolVersion(options.minimumVersion)) == 1,
          "minimum version");
  require(SSL_CTX_set_cipher_list(context, aes ? kSuitesAesFirst : kSuitesChachaFirst) == 1,
          "cipher list");
  require(SSL_CTX_set_ciphersuites(context, aes ? kTls13AesFirst : kTls13ChachaFirst) == 1,
          "cipher suites");
  require(SSL_CTX_set1_groups_list(context, kGroups) == 1, "groups");
  SSL_CTX_set_options(context, kOptions);
  SSL_CTX_set_mode(context, kModes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 2);
  SSL_CTX_set_alpn_select_cb(context, &selectHttp1, nullptr);
}

void loadCertificate(SSL_CTX* context, const TlsOptions& options) {
  checkReadable("certificate", options.certificateFile);
  checkReadable("key", options.keyFile);
  SSL_CTX_set_default_passwd_cb(context, &noPassphrase);
  if (SSL_CTX_use_certificate_chain_file(context, options.certificateFile.c_str()) != 1) {
    refuse("certificate", options.certificateFile,
           "cannot be used, it must hold the certificate and its chain as PEM (" + opensslReason() +
               ")");
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long code = ERR_peek_last_error();
    if (ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
      refuse("certificate", options.certificateFile, "does not match the key " + options.keyFile);
    }
    refuse("key", options.keyFile,
           "cannot be used, it must be a private key as PEM without a passphrase (" +
               opensslReason() + ")");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    refuse("certificate", options.certificateFile, "does not match the key " + options.keyFile);
  }
}

// A resumed session is not verified again. Its context is therefore named after what it was
// verified against: when that changes, old tickets lead to a full handshake.
void nameSessions(SSL_CTX* context, std::string_view verifiedAgainst) {
  const std::string name = sha256(verifiedAgainst);
  static_assert(SSL_MAX_SID_CTX_LENGTH == 32);
  require(
      SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(name.data()),
                                     static_cast<unsigned>(name.size())) == 1,
      "session context");
}

std::string fingerprintsOf(const STACK_OF(X509_OBJECT) * objects) {
  std::string all;
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    const X509* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (certificate == nullptr) continue;  // A revocation list.
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (X509_digest(certificate, EVP_sha256(), hash, &length) == 1) {
      all.append(reinterpret_cast<const char*>(hash), length);
    }
  }
  return all;
}

void setClientVerification(SSL_CTX* context, const TlsOptions& options) {
  const std::string& file = options.clientAuthorityFile;
  if (file.empty()) {
    if (options.clientCertificateRequired) {
      throw UsageError("TLS client certificates are required, and no authority for them is given");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    nameSessions(context, "no client certificates");
    return;
  }
  checkReadable("client authority", file);
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    refuse("client authority", file, "holds no certificate as PEM (" + opensslReason() + ")");
  }
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr) refuse("client authority", file, "holds no certificate as PEM");
  SSL_CTX_set_client_CA_list(context, names);  // Takes the list over.

  int mode = SSL_VERIFY_PEER;
  if (options.clientCertificateRequired) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  std::string verifiedAgainst = options.clientCertificateRequired ? "required " : "asked for ";
  verifiedAgainst += fingerprintsOf(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
  nameSessions(context, verifiedAgainst);
}

UnixMicros timeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<UnixMicros>(::timegm(&parts)) * kSecond;
}

UnixMicros notAfterOf(SSL_CTX* context) {
  return timeOf(X509_get0_notAfter(SSL_CTX_get0_certificate(context)));
}

// A box without a battery clock starts in the past, so that this is never a reason not to start.
void warnAboutDates(SSL_CTX* context, const std::string& file) {
  const UnixMicros now = SystemClock().now();
  const UnixMicros from = timeOf(X509_get0_notBefore(SSL_CTX_get0_certificate(context)));
  const UnixMicros until = notAfterOf(context);
  if (until <= now) {
    log::warning("tls", "the certificate has expired; clients will refuse it",
                 {{"file", file}, {"expired", formatIsoDate(until)}});
  } else if (from > now) {
    log::warning("tls", "the certificate is not valid yet; is the clock right?",
                 {{"file", file}, {"valid_from", formatIsoDate(from)}});
  }
}

ContextPointer makeContext(const TlsOptions& options) {
  ERR_clear_error();
  ContextPointer context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  require(context != nullptr, "context");
  setProtocol(context.get(), options);
  loadCertificate(context.get(), options);
  setClientVerification(context.get(), options);
  warnAboutDates(context.get(), options.certificateFile);
  return context;
}

void carryTicketKeys(SSL_CTX* from, SSL_CTX* to) {
  const long length = SSL_CTX_get_tlsext_ticket_keys(from, nullptr, 0);
  if (length <= 0) return;
  std::string keys(static_cast<std::size_t>(length), '\0');
  if (SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), length) == 1) {
    SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), length);
  }
  wipe(keys);
}

}  // namespace

struct TlsContext::State {
  explicit State(TlsOptions o) : options(std::move(o)), context(makeContext(options)) {}

  const TlsOptions options;
  Guarded<ContextPointer> context;
};

TlsContext::TlsContext(TlsOptions options) : state_(std::make_unique<State>(std::move(options))) {}

TlsContext::~TlsContext() = default;

void TlsContext::reload() {
  const ContextPointer fresh = makeContext(state_->options);
  carryTicketKeys(current().get(), fresh.get());
  state_->context.with([&](ContextPointer& context) { context = fresh; });
}

std::shared_ptr<ssl_ctx_st> TlsContext::current() const {
  return state_->context.with([](const ContextPointer& context) { return context; });
}

UnixMicros TlsContext::notAfter() const { return notAfterOf(current().get()); }

bool processorHasAes() {
#if defined(__x86_64__) || defined(__i386__)
  unsigned int a = 0;
  unsigned int b = 0;
  unsigned int c = 0;
  unsigned int d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) == 1 && (c & bit_AES) != 0;
#elif defined(__aarch64__)
  return (::getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#elif defined(__arm__)
  return (::getauxval(AT_HWCAP2) & HWCAP2_AES) != 0;
#else
  return false;
#endif
}

}  // namespace coffer::http
