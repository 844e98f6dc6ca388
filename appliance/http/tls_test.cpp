// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/tls.h"

#include "appliance/base/fault.h"
#include "tests/support/test_certificates.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

using namespace coffer;
using http::TlsContext;
using http::TlsOptions;
using testing::Identity;
using testing::makeIdentity;

namespace {

namespace fs = std::filesystem;

// A folder with an authority and a server certificate that it signed.
class Files {
 public:
  Files() {
    std::string pattern = (fs::temp_directory_path() / "coffer-tls-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    installServer(makeIdentity("server", &authority));
    testing::writeCertificate(file("ca.pem"), authority);
  }
  ~Files() { fs::remove_all(path_); }

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  void installServer(const Identity& server) const {
    testing::writeCertificate(file("server.pem"), server);
    testing::writeKey(file("server.key"), server);
  }
  TlsOptions options() const {
    TlsOptions made;
    made.certificateFile = file("server.pem");
    made.keyFile = file("server.key");
    return made;
  }

  const Identity authority = makeIdentity("Test authority");

 private:
  fs::path path_;
};

struct ClientOptions {
  int maximumVersion = TLS1_3_VERSION;
  std::string suites;  // For TLS 1.2.
  std::string suites13;
  std::string groups;
  std::vector<std::string> protocols;  // ALPN.
  const Identity* certificate = nullptr;
  SSL_SESSION* session = nullptr;
};

// What both ends know after a handshake in memory.
struct Outcome {
  bool connected = false;
  std::string version;
  std::string suite;
  std::string protocol;
  std::string clientName;
  std::string serverName;
  bool resumed = false;
  std::shared_ptr<SSL_SESSION> session;
};

std::string commonName(X509* certificate) {
  if (certificate == nullptr) return {};
  std::array<char, 64> text{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text.data(),
                            static_cast<int>(text.size()));
  return text.data();
}

std::shared_ptr<SSL_CTX> clientContext(const ClientOptions& options, const Identity& authority) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), options.maximumVersion);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.certificate.get());
  const std::string suites = options.suites.empty() ? "ALL:@SECLEVEL=0" : options.suites;
  REQUIRE(SSL_CTX_set_cipher_list(context.get(), suites.c_str()) == 1);
  if (!options.suites13.empty()) {
    REQUIRE(SSL_CTX_set_ciphersuites(context.get(), options.suites13.c_str()) == 1);
  }
  if (!options.groups.empty()) {
    REQUIRE(SSL_CTX_set1_groups_list(context.get(), options.groups.c_str()) == 1);
  }
  if (options.certificate != nullptr) {
    SSL_CTX_use_certificate(context.get(), options.certificate->certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), options.certificate->key.get());
  }
  return context;
}

void offerProtocols(SSL* client, const std::vector<std::string>& protocols) {
  std::string wire;
  for (const auto& name : protocols) wire += static_cast<char>(name.size()) + name;
  if (wire.empty()) return;
  SSL_set_alpn_protos(client, reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned>(wire.size()));
}

// Drives both ends until neither gets any further.
bool shakeHands(SSL* client, SSL* server) {
  for (int round = 0; round < 10; ++round) {
    ERR_clear_error();
    const int there = SSL_do_handshake(client);
    const int thereError = SSL_get_error(client, there);
    const int here = SSL_do_handshake(server);
    const int hereError = SSL_get_error(server, here);
    if (there == 1 && here == 1) return true;
    if (there != 1 && thereError != SSL_ERROR_WANT_READ) return false;
    if (here != 1 && hereError != SSL_ERROR_WANT_READ) return false;
  }
  return false;
}

Outcome connect(const TlsContext& context, const Identity& authority,
                const ClientOptions& options = {}) {
  const auto theirs = clientContext(options, authority);
  const auto ours = context.current();
  std::shared_ptr<SSL> client(SSL_new(theirs.get()), &SSL_free);
  std::shared_ptr<SSL> server(SSL_new(ours.get()), &SSL_free);
  BIO* clientEnd = nullptr;
  BIO* serverEnd = nullptr;
  REQUIRE(BIO_new_bio_pair(&clientEnd, 64 * 1024, &serverEnd, 64 * 1024) == 1);
  SSL_set_bio(client.get(), clientEnd, clientEnd);
  SSL_set_bio(server.get(), serverEnd, serverEnd);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  SSL_set1_host(client.get(), "localhost");
  offerProtocols(client.get(), options.protocols);
  if (options.session != nullptr) SSL_set_session(client.get(), options.session);

  Outcome outcome;
  outcome.connected = shakeHands(client.get(), server.get());
  // In TLS 1.3 the server's tickets and its verdict on a client certificate come after the
  // client's handshake; a byte from the server proves that it goes on.
  std::array<char, 8> byte{};
  if (outcome.connected) {
    outcome.connected =
        SSL_write(server.get(), "x", 1) == 1 && SSL_read(client.get(), byte.data(), 1) == 1;
  }
  if (!outcome.connected) {
    ERR_clear_error();
    return outcome;
  }
  outcome.version = SSL_get_version(client.get());
  outcome.suite = SSL_get_cipher_name(client.get());
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(client.get(), &protocol, &length);
  if (length != 0) outcome.protocol.assign(reinterpret_cast<const char*>(protocol), length);
  const std::shared_ptr<X509> clientCertificate(SSL_get1_peer_certificate(server.get()),
                                                &X509_free);
  const std::shared_ptr<X509> serverCertificate(SSL_get1_peer_certificate(client.get()),
                                                &X509_free);
  outcome.clientName = commonName(clientCertificate.get());
  outcome.serverName = commonName(serverCertificate.get());
  outcome.resumed = SSL_session_reused(client.get()) == 1;
  outcome.session = {SSL_get1_session(client.get()), &SSL_SESSION_free};
  SSL_shutdown(client.get());  // Without it OpenSSL forgets the session.
  return outcome;
}

ClientOptions tls12(std::string suites) {
  ClientOptions options;
  options.maximumVersion = TLS1_2_VERSION;
  options.suites = std::move(suites);
  return options;
}

}  // namespace

TEST_CASE("TLS 1.3 is spoken with whoever can, TLS 1.2 with the rest, nothing older") {
  const Files files;
  const TlsContext context(files.options());
  CHECK(connect(context, files.authority).version == "TLSv1.3");
  CHECK(connect(context, files.authority, tls12("")).version == "TLSv1.2");
  ClientOptions old;
  old.maximumVersion = TLS1_1_VERSION;
  CHECK_FALSE(connect(context, files.authority, old).connected);
}

TEST_CASE("with minimum version 1.3 a client of TLS 1.2 is refused") {
  const Files files;
  TlsOptions options = files.options();
  options.minimumVersion = "1.3";
  const TlsContext context(options);
  CHECK(connect(context, files.authority).connected);
  CHECK_FALSE(connect(context, files.authority, tls12("")).connected);
}

TEST_CASE("in TLS 1.2 only ECDHE with AEAD is accepted") {
  const Files files;
  const TlsContext context(files.options());
  for (const char* suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                            "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    CAPTURE(suite);
    CHECK(connect(context, files.authority, tls12(suite)).suite == suite);
  }
  for (const char* suite :
       {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-CCM",
        "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-PSK-CHACHA20-POLY1305"}) {
    CAPTURE(suite);
    CHECK_FALSE(connect(context, files.authority, tls12(suite)).connected);
  }
}

TEST_CASE("the server chooses the suite, but lets a client that prefers ChaCha20 have it") {
  const Files files;
  const TlsContext context(files.options());
  ClientOptions options;
  options.suites13 = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
  CHECK(connect(context, files.authority, options).suite ==
        (http::processorHasAes() ? "TLS_AES_128_GCM_SHA256" : "TLS_CHACHA20_POLY1305_SHA256"));
  options.suites13 = "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
  CHECK(connect(context, files.authority, options).suite == "TLS_CHACHA20_POLY1305_SHA256");
}

TEST_CASE("slow curves are not offered") {
  const Files files;
  const TlsContext context(files.options());
  ClientOptions options;
  options.groups = "X448:P-521";
  CHECK_FALSE(connect(context, files.authority, options).connected);
  options.groups = "P-384";
  CHECK(connect(context, files.authority, options).connected);
}

TEST_CASE("ALPN selects HTTP/1.1 and never h2") {
  const Files files;
  const TlsContext context(files.options());
  ClientOptions options;
  options.protocols = {"h2", "http/1.1"};
  CHECK(connect(context, files.authority, options).protocol == "http/1.1");
  options.protocols = {"http/1.0"};
  CHECK(connect(context, files.authority, options).protocol == "http/1.0");
  options.protocols = {"h2"};
  CHECK_FALSE(connect(context, files.authority, options).connected);
  options.protocols = {};
  CHECK(connect(context, files.authority, options).connected);
}

TEST_CASE("a client certificate names the client when an authority for it is given") {
  const Files files;
  const Identity laptop = makeIdentity("laptop", &files.authority);
  const Identity stranger = makeIdentity("stranger");
  TlsOptions options = files.options();
  ClientOptions client;

  SUBCASE("none is asked for without an authority") {
    const TlsContext context(options);
    client.certificate = &laptop;
    CHECK(connect(context, files.authority, client).clientName.empty());
  }
  SUBCASE("it is optional by default") {
    options.clientAuthorityFile = files.file("ca.pem");
    const TlsContext context(options);
    CHECK(connect(context, files.authority).connected);
    client.certificate = &laptop;
    CHECK(connect(context, files.authority, client).clientName == "laptop");
    client.certificate = &stranger;
    CHECK_FALSE(connect(context, files.authority, client).connected);
  }
  SUBCASE("and can be required") {
    options.clientAuthorityFile = files.file("ca.pem");
    options.clientCertificateRequired = true;
    const TlsContext context(options);
    CHECK_FALSE(connect(context, files.authority).connected);
    client.certificate = &laptop;
    CHECK(connect(context, files.authority, client).clientName == "laptop");
  }
}

TEST_CASE("a reload serves the new certificate, and sessions still resume") {
  const Files files;
  TlsContext context(files.options());
  const Outcome first = connect(context, files.authority);
  REQUIRE(first.session);
  CHECK(first.serverName == "server");
  CHECK_FALSE(first.resumed);

  const auto before = context.current();
  files.installServer(makeIdentity("renewed", &files.authority, {-3600, 7200}));
  context.reload();
  CHECK(context.current() != before);
  CHECK(connect(context, files.authority).serverName == "renewed");
  ClientOptions again;
  again.session = first.session.get();
  CHECK(connect(context, files.authority, again).resumed);
}

TEST_CASE("a session is not resumed when other client certificates are accepted now") {
  const Files files;
  TlsOptions options = files.options();
  options.clientAuthorityFile = files.file("clients.pem");
  testing::writeCertificate(options.clientAuthorityFile, files.authority);
  TlsContext context(options);
  const Identity laptop = makeIdentity("laptop", &files.authority);
  ClientOptions client;
  client.certificate = &laptop;
  const Outcome first = connect(context, files.authority, client);
  REQUIRE(first.clientName == "laptop");

  testing::writeCertificate(options.clientAuthorityFile, makeIdentity("Another authority"));
  context.reload();
  client.session = first.session.get();
  CHECK_FALSE(connect(context, files.authority, client).connected);
}

TEST_CASE("a reload that fails keeps the certificate in use") {
  const Files files;
  TlsContext context(files.options());
  std::ofstream(files.file("server.pem")) << "nothing\n";
  CHECK_THROWS_AS(context.reload(), UsageError);
  CHECK(connect(context, files.authority).serverName == "server");
}

TEST_CASE("notAfter is that of the leaf certificate") {
  const Files files;
  files.installServer(makeIdentity("server", &files.authority, {-60, 5000}));
  const TlsContext context(files.options());
  const UnixMicros expected = SystemClock().now() + 5000 * kSecond;
  CHECK(context.notAfter() > expected - 60 * kSecond);
  CHECK(context.notAfter() <= expected + kSecond);
}

TEST_CASE("an expired certificate is served, since the clock may be what is wrong") {
  const Files files;
  files.installServer(makeIdentity("server", &files.authority, {-7200, -3600}));
  const TlsContext context(files.options());
  CHECK(context.notAfter() < SystemClock().now());
  CHECK_FALSE(connect(context, files.authority).connected);  // The client is who refuses.
}

TEST_CASE("files that cannot be used are named, with what is wrong") {
  const Files files;
  const Identity other = makeIdentity("other", &files.authority);
  std::ofstream(files.file("empty.pem"));
  testing::writeKey(files.file("other.key"), other);
  testing::writeKey(files.file("sealed.key"), other, "correct horse");

  struct Case {
    std::string certificate, key, authority, mentions, says;
  };
  for (const Case& c : {
           Case{"gone.pem", "server.key", "", "certificate", "No such file"},
           Case{"server.pem", "gone.key", "", "key", "No such file"},
           Case{"empty.pem", "server.key", "", "certificate", "PEM"},
           Case{"server.pem", "empty.pem", "", "key", "PEM"},
           Case{"server.pem", "sealed.key", "", "key", "passphrase"},
           Case{"server.pem", "other.key", "", "certificate", "does not match the key"},
           Case{"server.pem", "server.key", "gone.pem", "client authority", "No such file"},
           Case{"server.pem", "server.key", "empty.pem", "client authority", "PEM"},
       }) {
    TlsOptions options;
    options.certificateFile = files.file(c.certificate);
    options.keyFile = files.file(c.key);
    if (!c.authority.empty()) options.clientAuthorityFile = files.file(c.authority);
    std::string message;
    try {
      const TlsContext context(options);
    } catch (const UsageError& error) {
      message = error.what();
    }
    CAPTURE(message);
    CHECK(message.starts_with("TLS " + c.mentions + " "));
    CHECK(message.find(c.says) != std::string::npos);
    CHECK(message.find("coffer-tls-") != std::string::npos);
  }

  TlsOptions options = files.options();
  options.minimumVersion = "1.1";
  CHECK_THROWS_AS(TlsContext{options}, UsageError);
  options = files.options();
  options.clientCertificateRequired = true;
  CHECK_THROWS_AS(TlsContext{options}, UsageError);
}
