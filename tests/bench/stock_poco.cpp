// SPDX-License-Identifier: BSD-2-Clause
//
// The yardstick for the HTTP core: Poco's own HTTPServer with a handler that does next to nothing.
//   stock_poco PORT [CERTIFICATE KEY]
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>

#include <iostream>
#include <memory>
#include <signal.h>
#include <string>

namespace {

class Handler final : public Poco::Net::HTTPRequestHandler {
 public:
  void handleRequest(Poco::Net::HTTPServerRequest&,
                     Poco::Net::HTTPServerResponse& response) override {
    constexpr char body[] = "{\"status\":\"ok\"}";
    response.setContentType("application/json");
    response.setContentLength(sizeof body - 1);
    response.sendBuffer(body, sizeof body - 1);
  }
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Poco::Net::HTTPRequestHandler* createRequestHandler(
      const Poco::Net::HTTPServerRequest&) override {
    return new Handler;  // Poco deletes it.
  }
};

std::unique_ptr<Poco::Net::ServerSocket> listenOn(const Poco::Net::SocketAddress& address, int argc,
                                                  char** argv) {
  if (argc < 4) return std::make_unique<Poco::Net::ServerSocket>(address);
  Poco::Net::initializeSSL();
  Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::TLS_SERVER_USE, argv[3], argv[2], "", Poco::Net::Context::VERIFY_NONE);
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  return std::make_unique<Poco::Net::SecureServerSocket>(address, 64, context);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  const auto socket =
      listenOn(Poco::Net::SocketAddress("127.0.0.1", static_cast<Poco::UInt16>(std::stoi(argv[1]))),
               argc, argv);
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setMaxThreads(16);
  params->setKeepAlive(true);
  Poco::Net::HTTPServer server(new Factory, *socket, params);
  server.start();
  std::cerr << "listening on port " << socket->address().port() << std::endl;
  int signal = 0;
  sigwait(&stop, &signal);
  server.stopAll(true);
  return 0;
}
