// SPDX-License-Identifier: BSD-2-Clause
#include "config/address.h"

#include <doctest/doctest.h>

using namespace coffer::config;

TEST_CASE("an address is a host and a port, a Unix socket, or what systemd hands over") {
  struct Case {
    const char* text;
    Address::Kind kind;
    const char* host;
    int port;
    const char* path;
    const char* name;
  };
  using Kind = Address::Kind;
  for (const Case& c : {
           Case{"0.0.0.0:8443", Kind::Tcp, "0.0.0.0", 8443, "", ""},
           Case{":8000", Kind::Tcp, "", 8000, "", ""},
           Case{"127.0.0.1:0", Kind::Tcp, "127.0.0.1", 0, "", ""},
           Case{"[::1]:443", Kind::Tcp, "::1", 443, "", ""},
           Case{"[::]:65535", Kind::Tcp, "::", 65535, "", ""},
           Case{"box.example.org:80", Kind::Tcp, "box.example.org", 80, "", ""},
           Case{"unix:/run/coffer.sock", Kind::Unix, "", 0, "/run/coffer.sock", ""},
           Case{"unix:@coffer", Kind::Unix, "", 0, "@coffer", ""},
           Case{"systemd", Kind::Systemd, "", 0, "", ""},
           Case{"systemd:https", Kind::Systemd, "", 0, "", "https"},
       }) {
    CAPTURE(c.text);
    const auto address = parseAddress(c.text);
    REQUIRE(address);
    CHECK(address->kind == c.kind);
    CHECK(address->host == c.host);
    CHECK(address->port == c.port);
    CHECK(address->path == c.path);
    CHECK(address->name == c.name);
  }
}

TEST_CASE("what is no address is refused") {
  for (const std::string& text : {std::string(),
                                  std::string("8000"),
                                  std::string("host"),
                                  std::string("host:"),
                                  std::string("host:65536"),
                                  std::string("host:-1"),
                                  std::string("host:80 "),
                                  std::string("host:0x50"),
                                  std::string("::1:80"),
                                  std::string("[::1]"),
                                  std::string("[nonsense]:80"),
                                  std::string("a b:80"),
                                  std::string("-x:80"),
                                  std::string("a/b:80"),
                                  std::string("unix:"),
                                  std::string("unix:@"),
                                  std::string("systemd:"),
                                  std::string("systemdx"),
                                  std::string("unix:/a\nb"),
                                  "unix:/" + std::string(200, 'a'),
                                  std::string(300, 'a') + ":80"}) {
    CAPTURE(text);
    CHECK_FALSE(parseAddress(text));
  }
}

TEST_CASE("only loopback addresses and Unix sockets are local") {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/x"}) {
    CAPTURE(text);
    CHECK(parseAddress(text)->isLocal());
  }
  for (const char* text : {"0.0.0.0:1", ":1", "[::]:1", "192.0.2.1:1", "127.evil.example:1",
                           "localhost.example:1", "systemd"}) {
    CAPTURE(text);
    CHECK_FALSE(parseAddress(text)->isLocal());
  }
}

TEST_CASE("a listen URL says whether TLS is spoken") {
  const auto https = parseListenUrl("https://0.0.0.0:8443");
  REQUIRE(https);
  CHECK(https->address == "0.0.0.0:8443");
  CHECK(https->tls.mode == TlsMode::Auto);

  const auto http = parseListenUrl("http://[::1]:0/");
  REQUIRE(http);
  CHECK(http->address == "[::1]:0");
  CHECK(http->tls.mode == TlsMode::Off);

  const auto socket = parseListenUrl("unix:/run/coffer.sock");
  REQUIRE(socket);
  CHECK(socket->address == "unix:/run/coffer.sock");
  CHECK(socket->tls.mode == TlsMode::Off);

  for (const char* text :
       {"", "127.0.0.1:80", "ftp://x:1", "https://", "https://x", "https://x:1/a",
        "https://unix:/x", "http://systemd", "HTTPS://x:1", "systemd", "unix:"}) {
    CAPTURE(text);
    CHECK_FALSE(parseListenUrl(text));
  }
}

TEST_CASE("a network is an address with or without a length") {
  for (const char* text : {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::1", "::1/128"}) {
    CAPTURE(text);
    CHECK(isNetwork(text));
  }
  for (const char* text : {"", "10", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "host",
                           "10.0.0.0/8/8", "256.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(isNetwork(text));
  }
}
