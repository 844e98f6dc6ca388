// SPDX-License-Identifier: BSD-2-Clause
//
// The server over TLS: the same requests, and what only TLS can do wrong.
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"
#include "tests/support/test_certificates.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A server certificate, and one for a client of the same authority.
class Certificates {
 public:
  Certificates()
      : authority_(coffer::testing::makeIdentity("Test authority")),
        client_(coffer::testing::makeIdentity("alice", &authority_)) {
    std::string pattern = (fs::temp_directory_path() / "coffer-server-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const auto server = coffer::testing::makeIdentity("localhost", &authority_);
    coffer::testing::writeCertificate(file("server.pem"), server);
    coffer::testing::writeKey(file("server.key"), server);
    coffer::testing::writeCertificate(file("ca.pem"), authority_);
  }
  ~Certificates() { fs::remove_all(folder_); }

  std::shared_ptr<TlsContext> serverContext() const {
    TlsOptions options;
    options.certificateFile = file("server.pem");
    options.keyFile = file("server.key");
    options.clientAuthorityFile = file("ca.pem");
    return std::make_shared<TlsContext>(options);
  }
  std::shared_ptr<SSL_CTX> clientContext(bool withCertificate, int version = 0) const {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (version != 0) SSL_CTX_set_max_proto_version(context.get(), version);
    if (withCertificate) {
      SSL_CTX_use_certificate(context.get(), client_.certificate.get());
      SSL_CTX_use_PrivateKey(context.get(), client_.key.get());
    }
    return context;
  }

 private:
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  coffer::testing::Identity authority_;
  coffer::testing::Identity client_;
  fs::path folder_;
};

}  // namespace

TEST_CASE("requests, uploads, files and streams work over TLS") {
  const Certificates certificates;
  TestServer app({.tls = certificates.serverContext()});
  CHECK(app.bound().url == "https://127.0.0.1:" + std::to_string(app.port()));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto context = certificates.clientContext(false, version);
    Client client(app.port(), context.get());
    CHECK(client.exchange(get("/hello")).body == "hello\n");
    CHECK(client.exchange(get("/disk")).body == "disk\n");
    CHECK(client.exchange(get("/secret", "X-Password: right\r\n")).status == 200);
    const std::string body = patternBytes(0, 2 * MiB + 5);
    client.send("PUT /upload/x HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK((client.receive().body == "x:" + body));
    CHECK((client.exchange(get("/file?offset=3&length=5000000")).body == patternBytes(3, 5000000)));
    CHECK((client.exchange(get("/stream?length=1000000")).body == patternBytes(0, 1000000)));
    CHECK((client.exchange(get("/text?length=1000000")).body == patternBytes(0, 1000000)));
    CHECK(client.exchange(get("/who")).body.starts_with("127.0.0.1 https://test  "));
  }
}

TEST_CASE("requests pipelined over TLS are all answered, however the records fall") {
  const Certificates certificates;
  TestServer app({.options = {.workers = 2}, .tls = certificates.serverContext()});
  const auto context = certificates.clientContext(false);
  for (const std::size_t record : {1U, 7U, 61U, 500U, 4096U, 16384U}) {
    CAPTURE(record);
    Client client(app.port(), context.get());
    std::string bytes;
    for (int i = 0; i < 10; ++i) {
      bytes += get("/hello") + post("/echo", "body") + get("/secret", "X-Password: right\r\n");
    }
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto piece = rest.substr(0, record);
      REQUIRE(client.send(piece));
      rest.remove_prefix(piece.size());
    }
    for (int i = 0; i < 10; ++i) {
      CHECK(client.receive().body == "hello\n");
      CHECK(client.receive().body == "body");
      CHECK(client.receive().status == 200);
    }
  }
}

TEST_CASE("a client certificate names the caller") {
  const Certificates certificates;
  TestServer app({.tls = certificates.serverContext()});
  const auto context = certificates.clientContext(true);
  Client client(app.port(), context.get());
  CHECK(client.exchange(get("/who")).body.starts_with("127.0.0.1 https://test alice "));
}

TEST_CASE("plain HTTP on a TLS port is told so") {
  const Certificates certificates;
  TestServer app({.tls = certificates.serverContext()});
  Client client(app.port());
  client.send(get("/hello"));
  const std::string answer = client.readAll();
  CHECK(answer.starts_with("HTTP/1.0 400 Bad Request\r\n"));
  CHECK(answer.ends_with("\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));
  CHECK_FALSE(client.wasReset());
}

TEST_CASE("handshakes that stand still or make no sense hurt nobody") {
  const Certificates certificates;
  TestServer app(
      {.options = {.workers = 1, .headDeadline = 1s}, .tls = certificates.serverContext()});
  Client silent(app.port());
  Client begun(app.port());
  begun.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  Client nonsense(app.port());
  nonsense.send("\x16" + std::string(500, 'x'));
  const auto context = certificates.clientContext(false);
  Client client(app.port(), context.get());
  CHECK(client.exchange(get("/hello")).status == 200);
  for (Client* stuck : {&nonsense, &silent, &begun}) {
    stuck->readAll();  // Perhaps an alert first.
    // Newer OpenSSL leaves the rest of the nonsense unread, and closing then resets.
    CHECK((stuck->closedByServer() || (stuck == &nonsense && stuck->wasReset())));
  }
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("a refused upload over TLS still delivers the status") {
  const Certificates certificates;
  TestServer app({.tls = certificates.serverContext()});
  const auto context = certificates.clientContext(false);
  Client client(app.port(), context.get());
  const std::string body = patternBytes(0, 4 * MiB);
  CHECK(client.send("PUT /upload/taken HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body));
  CHECK(client.receive().status == 403);
}

TEST_CASE("stopping ends TLS connections too, in an orderly way") {
  const Certificates certificates;
  TestServer app({.tls = certificates.serverContext()});
  const auto context = certificates.clientContext(false);
  Client client(app.port(), context.get());
  CHECK(client.exchange(get("/hello")).status == 200);
  CHECK(app.server.stop(5s) == 0);
  CHECK(client.closedByServer());
}
