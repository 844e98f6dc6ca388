// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"
#include "appliance/base/unique_fd.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/service_manager.h"
#include "appliance/runtime/socket_activation.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>

using namespace coffer;
using namespace coffer::runtime;
using coffer::tests::TempFolder;

namespace {

// A datagram socket such as a service manager listens on.
UniqueFd notifySocket(const std::string& name) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  if (name[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
  return socket;
}

std::string received(const UniqueFd& socket) {
  std::array<char, 512> data{};
  const auto size = ::recv(socket.get(), data.data(), data.size(), 0);
  return size > 0 ? std::string(data.data(), static_cast<std::size_t>(size)) : "";
}

UniqueFd listeningSocket(int backlog = 4) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  if (backlog > 0) REQUIRE(::listen(socket.get(), backlog) == 0);
  return socket;
}

void handOver(const std::string& pid, const std::string& count, const std::string& names) {
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
}

}  // namespace

TEST_CASE("the service manager is told over a socket file and over an abstract one") {
  const TempFolder folder;
  const std::string abstractName = "@coffer-test-" + std::to_string(::getpid());
  for (const std::string& name :
       {(std::filesystem::path(folder.path()) / "notify").string(), abstractName}) {
    CAPTURE(name);
    const UniqueFd socket = notifySocket(name);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    const auto manager = ServiceManager::fromEnvironment();
    CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
    CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
    CHECK(manager.watchdog() == std::chrono::seconds(30));

    manager.ready("serving");
    CHECK(received(socket) == "READY=1\nSTATUS=serving");
    manager.reloading();
    CHECK(received(socket).starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.alive();
    CHECK(received(socket) == "WATCHDOG=1");
    manager.stopping();
    CHECK(received(socket) == "STOPPING=1");
  }
}

TEST_CASE("no manager, a path that is no socket, another process's watchdog: nothing is sent") {
  ::unsetenv("NOTIFY_SOCKET");
  CHECK_FALSE(ServiceManager::fromEnvironment().isPresent());
  CHECK_FALSE(ServiceManager(std::string(200, '/')).isPresent());
  CHECK_FALSE(ServiceManager("relative").isPresent());
  ServiceManager("/nonexistent/notify").ready("nobody hears this");

  ::setenv("NOTIFY_SOCKET", "/run/x", 1);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK(ServiceManager::fromEnvironment().watchdog().count() == 0);
}

TEST_CASE("listening sockets are taken over with their names, once") {
  constexpr int kFirst = 150;
  REQUIRE(::dup2(listeningSocket().get(), kFirst) == kFirst);
  REQUIRE(::dup2(listeningSocket().get(), kFirst + 1) == kFirst + 1);
  handOver(std::to_string(::getpid()), "2", "web");
  const auto sockets = takeInheritedSockets(kFirst);
  REQUIRE(sockets.size() == 2);
  CHECK(sockets[0].socket.get() == kFirst);
  CHECK(sockets[0].name == "web");
  CHECK(sockets[1].name.empty());
  CHECK((::fcntl(kFirst, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(takeInheritedSockets(kFirst).empty());
}

TEST_CASE("sockets for another process, or nonsense, are left alone") {
  for (const auto& [pid, count] : {std::pair<std::string, std::string>{"1", "1"},
                                   {std::to_string(::getpid()), "many"},
                                   {std::to_string(::getpid()), "0"},
                                   {"", "1"}}) {
    handOver(pid, count, "");
    CHECK(takeInheritedSockets(150).empty());
    CHECK(std::getenv("LISTEN_FDS") == nullptr);
  }
}

TEST_CASE("what is handed over must listen") {
  constexpr int kFirst = 160;
  REQUIRE(::dup2(listeningSocket(0).get(), kFirst) == kFirst);
  handOver(std::to_string(::getpid()), "1", "");
  CHECK_THROWS_AS(takeInheritedSockets(kFirst), UsageError);
  ::close(kFirst);
  handOver(std::to_string(::getpid()), "1", "");
  CHECK_THROWS_AS(takeInheritedSockets(kFirst), UsageError);
  handOver(std::to_string(::getpid()), "65", "");
  CHECK_THROWS_AS(takeInheritedSockets(kFirst), UsageError);
}

TEST_CASE("a data folder belongs to one server at a time, and the refusal names it") {
  const TempFolder folder;
  const auto data = std::filesystem::path(folder.path()) / "a" / "b";
  {
    const mode_t before = ::umask(077);
    const DataDirLock first(data);
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat(data.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    try {
      const DataDirLock second(data);
      FAIL("two locks on one folder");
    } catch (const UsageError& e) {
      CHECK(std::string(e.what()).find("in use") != std::string::npos);
      CHECK(std::string(e.what()).find(std::to_string(::getpid())) != std::string::npos);
    }
  }
  const DataDirLock again(data);
}
