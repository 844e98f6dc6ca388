// SPDX-License-Identifier: BSD-2-Clause
//
// WebSockets through a real server: the handshake, messages both ways, and every way to end.
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"
#include "appliance/http/websocket_frame.h"
#include "appliance/http/websocket_handshake.h"
#include "tests/support/test_certificates.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;
using namespace std::chrono_literals;

namespace {

const std::string kFields =
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

std::string without(std::string_view name) {
  std::string fields = kFields;
  const auto begin = fields.find(std::string(name) + ": ");
  REQUIRE(begin != std::string::npos);
  return fields.erase(begin, fields.find("\r\n", begin) + 2 - begin);
}

std::string masked(Opcode opcode, std::string_view payload) {
  std::string out(1, static_cast<char>(0x80U | static_cast<unsigned>(opcode)));
  out.push_back(static_cast<char>(0x80U | payload.size()));
  out += std::string(4, '\0');  // A mask that changes nothing.
  out += payload;
  return out;
}

struct Frame {
  unsigned opcode = 0;
  std::string payload;
  unsigned closeCode() const {
    if (opcode != 8 || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
  }
};

Frame receiveFrame(Client& client) {
  const std::string head = client.receiveBytes(2);
  if (head.size() < 2) return {};
  auto size = static_cast<std::size_t>(static_cast<unsigned char>(head[1]));
  if (size == 126) {
    const std::string more = client.receiveBytes(2);
    size = static_cast<unsigned char>(more.at(0)) * 256U + static_cast<unsigned char>(more.at(1));
  }
  return {static_cast<unsigned char>(head[0]) & 0xfU, client.receiveBytes(size)};
}

void open(Client& client, const std::string& target = "/socket") {
  const Reply reply = client.exchange(get(target, kFields));
  REQUIRE(reply.status == 101);
}

std::string echo(Client& client, std::string_view text) {
  client.send(masked(Opcode::Text, text));
  return receiveFrame(client).payload;
}

std::size_t threadCount() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

// The handler may be told of a socket a moment after the client was.
std::shared_ptr<WebSocket> socketNumber(TestServer& app, std::size_t index) {
  const auto& sockets = app.service.seen.sockets;
  const auto count = [](const auto& all) { return all.size(); };
  REQUIRE(eventually([&] { return sockets.with(count) > index; }));
  return sockets.with([index](const auto& all) { return all[index]; });
}

}  // namespace

TEST_CASE("a handshake is answered as RFC 6455 shows it, and bare of what browsers ask of pages") {
  TestServer app;
  Client client(app.port());
  const Reply reply = client.exchange(get("/socket", kFields));
  CHECK(reply.status == 101);
  CHECK(reply.field("upgrade") == "websocket");
  CHECK(reply.field("connection") == "Upgrade");
  CHECK(reply.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(reply.field("content-length").empty());
  CHECK(reply.field("x-decorated").empty());
  CHECK(echo(client, "hello") == "hello");
}

TEST_CASE("what is no handshake is refused, and the connection goes on") {
  TestServer app;
  Client client(app.port());
  const struct {
    int status;
    std::string request;
  } rows[] = {
      {426, get("/socket")},
      {426, get("/socket", without("Upgrade"))},
      {426, get("/socket", without("Sec-WebSocket-Version"))},
      {426, get("/socket", without("Sec-WebSocket-Version") + "Sec-WebSocket-Version: 8\r\n")},
      {400, get("/socket", without("Connection"))},
      {400, get("/socket", without("Sec-WebSocket-Key"))},
      {400, get("/socket", without("Sec-WebSocket-Key") + "Sec-WebSocket-Key: c2hvcnQ=\r\n")},
      {400, get("/socket", without("Sec-WebSocket-Key") + "Sec-WebSocket-Key: !\r\n")},
      {400, get("/socket", kFields + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")},
      {400, "GET /socket HTTP/1.0\r\nConnection: keep-alive\r\n" + kFields + "\r\n"},
      {400, get("/socket", kFields + "Content-Length: 2\r\n") + "hi"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    const Reply reply = client.exchange(row.request);
    CHECK(reply.status == row.status);
    CHECK(reply.field("x-decorated") == "yes");
    if (row.status == 426) CHECK(reply.field("sec-websocket-version") == "13");
  }
  CHECK(client.exchange("HEAD /socket HTTP/1.1\r\nHost: h\r\n" + kFields + "\r\n", true).status ==
        400);
  CHECK(client.exchange(get("/hello")).status == 200);
  CHECK(app.service.seen.socketsGone == 12);  // The handlers that were made for nothing.
}

TEST_CASE("messages are heard from the first byte behind the handshake") {
  TestServer app;
  Client client(app.port());
  client.send(get("/hello") + get("/socket", kFields) + masked(Opcode::Text, "early") +
              masked(Opcode::Ping, "are you there"));
  CHECK(client.receive().body == "hello\n");
  CHECK(client.receive().status == 101);
  CHECK(receiveFrame(client).payload == "early");
  const Frame pong = receiveFrame(client);
  CHECK(pong.opcode == 0xa);
  CHECK(pong.payload == "are you there");
}

TEST_CASE("either side may close, and the other one answers") {
  TestServer app;
  {
    Client client(app.port());
    open(client);
    client.send(masked(Opcode::Close, "\x0f\xa0"));  // 4000: the client's own.
    CHECK(receiveFrame(client).closeCode() == 4000);
    CHECK(client.closedByServer());
  }
  {
    Client client(app.port());
    open(client);
    client.send(masked(Opcode::Text, "close"));
    CHECK(receiveFrame(client).closeCode() == 1000);
    CHECK_FALSE(client.hasInput(50));
    client.send(masked(Opcode::Close, "\x03\xe8"));
    CHECK(client.closedByServer());
  }
  {
    Client client(app.port());
    open(client);
    client.send(masked(Opcode::Text, "one last") + masked(Opcode::Close, ""));
    client.finishSending();
    CHECK(receiveFrame(client).payload == "one last");
    CHECK(receiveFrame(client).closeCode() == 1000);
    CHECK(client.closedByServer());
  }
  CHECK(eventually([&app] { return app.service.seen.socketsGone == 3; }));
}

TEST_CASE("a client that breaks the protocol is told so and reads it") {
  TestServer app;
  Client client(app.port());
  open(client);
  // Much is on its way behind the fault: it must not make the close frame get lost.
  client.send(std::string("\x81\x05hello") + std::string(200'000, 'x'));
  CHECK(receiveFrame(client).closeCode() == 1002);
  client.finishSending();
  CHECK(client.closedByServer());

  Client large(app.port());
  open(large);
  std::string head = {'\x82', '\xfe', '\x20', '\x00', 0, 0, 0, 0};
  large.send(head);
  CHECK(receiveFrame(large).closeCode() == 1009);
}

TEST_CASE("a handler that throws closes its own socket only") {
  TestServer app;
  Client good(app.port());
  open(good);
  Client bad(app.port());
  open(bad);
  bad.send(masked(Opcode::Text, "throw"));
  CHECK(bad.closedByServer());
  CHECK(echo(good, "still here") == "still here");
}

TEST_CASE("whoever says nothing is dropped, and whoever speaks hears the heart beat") {
  TestServer app({.options = {.heartbeat = 50ms}});
  Client silent(app.port());
  open(silent, "/socket?first=1");
  // A ping is no message.
  silent.send(masked(Opcode::Ping, ""));
  CHECK(receiveFrame(silent).opcode == 0xa);
  Client speaking(app.port());
  open(speaking, "/socket?first=1");
  CHECK(echo(speaking, "hello") == "hello");
  for (int i = 0; i < 3; ++i) CHECK(receiveFrame(speaking).payload == "beat");
  CHECK(receiveFrame(silent).closeCode() == 1001);
  CHECK(silent.closedByServer());
  CHECK(receiveFrame(speaking).payload == "beat");
}

TEST_CASE("a slow reader is cut off while everybody else goes on") {
  TestServer app;
  Client slow(app.port());
  open(slow, "/socket?queue=100000");
  const auto toSlow = socketNumber(app, 0);
  Client other(app.port());
  open(other, "/socket?queue=100000");
  const auto toOther = socketNumber(app, 1);
  const auto message = binaryMessage(std::string(1000, 'm'));
  bool cutOff = false;
  for (int i = 0; i < 100'000 && !cutOff; ++i) {
    cutOff = !toSlow->send(message);
    if (i % 50 == 0) CHECK(toOther->send(message));
    if (i % 50 == 0) CHECK(receiveFrame(other).payload.size() == 1000);
  }
  CHECK(cutOff);
  CHECK(eventually([&app] { return app.service.seen.socketsGone == 1; }));
  CHECK(echo(other, "fine") == "fine");
}

TEST_CASE("many threads may send to one socket, and each message arrives whole") {
  TestServer app;
  Client client(app.port());
  open(client, "/socket?queue=10000000");
  const auto socket = socketNumber(app, 0);
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t) {
    senders.emplace_back([&socket, t] {
      for (int i = 0; i < 500; ++i) {
        socket->send(textMessage(
            std::string(static_cast<std::size_t>(i % 200), static_cast<char>('a' + t))));
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    const std::string payload = receiveFrame(client).payload;
    CHECK(payload.find_first_not_of(payload.empty() ? 'a' : payload[0]) == std::string::npos);
  }
  for (auto& sender : senders) sender.join();
  CHECK(echo(client, "done") == "done");
}

TEST_CASE("sockets that come and go while others send to them do no harm") {
  TestServer app;
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    const auto message = textMessage("to everybody");
    while (!stop) {
      const auto all = app.service.seen.sockets.with([](auto& sockets) { return sockets; });
      for (const auto& socket : all) socket->send(message);
    }
  });
  for (int i = 0; i < 200; ++i) {
    Client client(app.port());
    open(client);
    if (i % 2 == 0) client.reset();
  }
  stop = true;
  sender.join();
  CHECK(eventually([&app] { return app.service.seen.socketsGone == 200; }));
}

TEST_CASE("open sockets take no thread each, and stopping says good-bye to all") {
  TestServer app;
  std::vector<std::unique_ptr<Client>> clients;
  clients.push_back(std::make_unique<Client>(app.port()));
  open(*clients.back());
  CHECK(echo(*clients[0], "hello") == "hello");
  const auto threads = threadCount();
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Client>(app.port()));
    open(*clients.back());
  }
  CHECK(threadCount() == threads);
  CHECK(echo(*clients[100], "hello") == "hello");
  CHECK(app.server.stop(10s) == 0);
  for (const auto& client : clients) {
    CHECK(receiveFrame(*client).closeCode() == 1001);
    CHECK(client->closedByServer());
  }
  CHECK(app.service.seen.socketsGone == 201);
  CHECK_FALSE(socketNumber(app, 200)->send(textMessage("too late")));
}

TEST_CASE("sockets work over TLS, large messages in both directions too") {
  const auto folder = std::filesystem::temp_directory_path() / "coffer-websocket-tls";
  std::filesystem::create_directories(folder);
  const auto identity = coffer::testing::makeIdentity("localhost");
  coffer::testing::writeCertificate((folder / "pem").string(), identity);
  coffer::testing::writeKey((folder / "key").string(), identity);
  TlsOptions options;
  options.certificateFile = (folder / "pem").string();
  options.keyFile = (folder / "key").string();
  TestServer app({.tls = std::make_shared<TlsContext>(options)});
  std::filesystem::remove_all(folder);
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  Client client(app.port(), context.get());
  open(client, "/socket?queue=10000000");
  for (int i = 0; i < 20; ++i) CHECK(echo(client, "hello " + std::to_string(i)).size() >= 7);
  const auto socket = socketNumber(app, 0);
  const std::string large(60'000, 'z');
  for (int i = 0; i < 50; ++i) CHECK(socket->send(textMessage(large)));
  for (int i = 0; i < 50; ++i) CHECK((receiveFrame(client).payload == large));
  client.send(masked(Opcode::Close, "\x03\xe8"));
  CHECK(receiveFrame(client).closeCode() == 1000);
  CHECK(client.closedByServer());

  Client last(app.port(), context.get());
  open(last);
  CHECK(echo(last, "hello") == "hello");
  CHECK(app.server.stop(10s) == 0);
  CHECK(receiveFrame(last).closeCode() == 1001);
}
