// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/listener.h"

#include "appliance/base/fault.h"
#include "appliance/base/random.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>

using namespace coffer;
using namespace coffer::http;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "coffer-listener-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

Endpoint unixEndpoint(std::string path, unsigned mode = 0) {
  Endpoint endpoint;
  endpoint.unixPath = std::move(path);
  endpoint.unixMode = mode;
  return endpoint;
}

Endpoint tcpEndpoint(std::string host) {
  Endpoint endpoint;
  endpoint.host = std::move(host);
  return endpoint;
}

// A socket file whose maker has died without removing it.
void leaveStaleSocket(const std::string& path) {
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

}  // namespace

TEST_CASE("a listener says where it is, as URL and as address") {
  const OpenSocket plain = openListener(tcpEndpoint("127.0.0.1"), false);
  CHECK(plain.bound.url == "http://" + plain.bound.address);
  CHECK(plain.bound.address.starts_with("127.0.0.1:"));
  CHECK_FALSE(plain.bound.address.ends_with(":0"));
  CHECK_FALSE(plain.isUnix);
  const OpenSocket tls = openListener(tcpEndpoint("localhost"), true);
  CHECK(tls.bound.url == "https://" + tls.bound.address);
}

TEST_CASE("the file of a Unix socket has the mode that was asked for, and goes away") {
  const Folder folder;
  const std::string path = folder.file("s");
  {
    const OpenSocket socket = openListener(unixEndpoint(path, 0660), false);
    CHECK(socket.isUnix);
    CHECK(socket.bound.url == "unix:" + path);
    CHECK(socket.bound.address == path);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0660);
    // Somebody alive: not taken from them.
    const std::string expected = "listen on " + path + " failed: address already in use";
    CHECK_THROWS_WITH_AS(openListener(unixEndpoint(path), false), expected.c_str(), UsageError);
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a dead socket is replaced, any other file is not") {
  const Folder folder;
  leaveStaleSocket(folder.file("stale"));
  CHECK_NOTHROW(openListener(unixEndpoint(folder.file("stale")), false));
  std::ofstream(folder.file("precious")) << "data";
  CHECK_THROWS_AS(openListener(unixEndpoint(folder.file("precious")), false), UsageError);
  CHECK(fs::file_size(folder.file("precious")) == 4);
  CHECK_THROWS_AS(openListener(unixEndpoint(folder.file(std::string(200, 'x'))), false),
                  UsageError);
  CHECK_THROWS_AS(openListener(unixEndpoint(folder.file("no/such/folder")), false), UsageError);
}

TEST_CASE("a socket that somebody else has put in its place is left alone") {
  const Folder folder;
  const std::string path = folder.file("s");
  {
    const OpenSocket socket = openListener(unixEndpoint(path), false);
    fs::remove(path);
    leaveStaleSocket(path);
  }
  CHECK(fs::exists(path));
}

TEST_CASE("a name in the abstract namespace has no file") {
  const std::string name = "@coffer-test-" + randomUuid();
  const OpenSocket socket = openListener(unixEndpoint(name), false);
  CHECK(socket.bound.url == "unix:" + name);
  CHECK_FALSE(fs::exists(name));
  CHECK_THROWS_AS(openListener(unixEndpoint(name), false), UsageError);
}

TEST_CASE("a socket that was handed over is used as it is, if it listens") {
  OpenSocket first = openListener(tcpEndpoint("127.0.0.1"), false);
  const std::string address = first.bound.address;
  Endpoint inherited;
  inherited.inherited = std::move(first.fd);
  const OpenSocket socket = openListener(std::move(inherited), true);
  CHECK(socket.bound.url == "https://" + address);
  CHECK((::fcntl(socket.fd.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((::fcntl(socket.fd.get(), F_GETFD) & FD_CLOEXEC) != 0);

  Endpoint useless;
  useless.inherited = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK_THROWS_AS(openListener(std::move(useless), false), UsageError);
}

TEST_CASE("a host that cannot be had is a usage error") {
  CHECK_THROWS_AS(openListener(tcpEndpoint("no-such-host.invalid"), false), UsageError);
  CHECK_THROWS_AS(openListener(tcpEndpoint("192.0.2.1"), false), UsageError);
}
