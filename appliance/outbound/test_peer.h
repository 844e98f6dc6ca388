// SPDX-License-Identifier: BSD-2-Clause
//
// For tests: a server on a loopback port that does with each connection, one after the other, what
// the test says.
#pragma once

#include "appliance/base/unique_fd.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_certificates.h"

#include <openssl/ssl.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace coffer::outbound::testing {

// An authority, and a certificate of it for localhost and 127.0.0.1, in files.
struct TestIdentity {
  TestIdentity() {
    coffer::testing::writeCertificate(authorityFile, authority);
    coffer::testing::writeCertificate(certificateFile, leaf);
    coffer::testing::writeKey(keyFile, leaf);
  }
  coffer::tests::TempFolder folder;
  coffer::testing::Identity authority = coffer::testing::makeIdentity("Test authority");
  coffer::testing::Identity leaf = coffer::testing::makeIdentity("localhost", &authority);
  std::string authorityFile = folder.path() + "/ca.pem";
  std::string certificateFile = folder.path() + "/cert.pem";
  std::string keyFile = folder.path() + "/key.pem";

  std::shared_ptr<SSL_CTX> serverContext() const {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificateFile.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
      throw std::runtime_error("the test certificate cannot be used");
    }
    return context;
  }
};

// The server's end of one connection.
class Peer {
 public:
  explicit Peer(UniqueFd fd) : fd_(std::move(fd)) {}

  bool startTls(SSL_CTX& context) {
    ssl_.reset(SSL_new(&context));
    SSL_set_fd(ssl_.get(), fd_.get());
    return SSL_accept(ssl_.get()) == 1;
  }

  // What has arrived once `end` has; what there was when the client went away before.
  std::string readUntil(std::string_view end) {
    for (;;) {
      if (const auto at = pending_.find(end); at != std::string::npos) {
        return take(at + end.size());
      }
      std::array<char, 4096> piece;
      const auto got = receive(piece.data(), piece.size());
      if (got <= 0) return take(pending_.size());
      pending_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  std::string readBytes(std::size_t count) {
    while (pending_.size() < count) {
      std::array<char, 4096> piece;
      const auto got = receive(piece.data(), piece.size());
      if (got <= 0) break;
      pending_.append(piece.data(), static_cast<std::size_t>(got));
    }
    return take(std::min(count, pending_.size()));
  }

  // False once the client has gone.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent =
          ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
               : static_cast<int>(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void closeTls() { SSL_shutdown(ssl_.get()); }

 private:
  long receive(char* into, std::size_t size) {
    if (ssl_) return SSL_read(ssl_.get(), into, static_cast<int>(size));
    return ::recv(fd_.get(), into, size, 0);
  }
  std::string take(std::size_t count) {
    std::string taken = pending_.substr(0, count);
    pending_.erase(0, count);
    return taken;
  }

  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  UniqueFd fd_;
  std::unique_ptr<SSL, SslFree> ssl_;
  std::string pending_;
};

class TestServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit TestServer(Script script) : script_(std::move(script)) {
    std::signal(SIGPIPE, SIG_IGN);  // As the program does; OpenSSL knows no other way.
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), raw, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), raw, &size) != 0) {
      throw std::runtime_error("no port to listen on");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~TestServer() {
    stopped_ = true;
    thread_.join();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void run() {
    while (!stopped_) {
      pollfd entry{listener_.get(), POLLIN, 0};
      if (::poll(&entry, 1, 20) <= 0) continue;
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) continue;
      ++connections_;
      Peer peer(std::move(fd));
      script_(peer);
    }
  }

  Script script_;
  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port_ = 0;
  std::atomic<bool> stopped_{false};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace coffer::outbound::testing
