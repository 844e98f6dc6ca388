// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/listener.h"

#include "appliance/base/fault.h"
#include "appliance/http/client_address.h"

#include <Poco/Net/SocketAddress.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netdb.h>

namespace coffer::http {
namespace {

constexpr int kBacklog = 1024;

std::string reasonOf(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) {
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  }
  return text;
}

[[noreturn]] void refuse(const std::string& address, const std::string& reason) {
  throw UsageError("listen on " + address + " failed: " + reason);
}

void setOption(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

UniqueFd makeSocket(int family) {
  return UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Binds and listens; the error number, or 0.
int listenTcp(UniqueFd& fd, const sockaddr* address, socklen_t length, bool dualStack) {
  fd = makeSocket(address->sa_family);
  if (!fd) return errno;
  setOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (address->sa_family == AF_INET6) {
    setOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, dualStack ? 0 : 1);
  }
  if (::bind(fd.get(), address, length) != 0) return errno;
  return ::listen(fd.get(), kBacklog) == 0 ? 0 : errno;
}

UniqueFd openEveryAddress(std::uint16_t port) {
  UniqueFd fd;
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  int error = listenTcp(fd, reinterpret_cast<const sockaddr*>(&six), sizeof six, true);
  if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) {  // No IPv6 here.
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    error = listenTcp(fd, reinterpret_cast<const sockaddr*>(&four), sizeof four, false);
  }
  if (error != 0) refuse(":" + std::to_string(port), reasonOf(error));
  return fd;
}

UniqueFd openHost(const std::string& host, std::uint16_t port) {
  const bool isSix = host.find(':') != std::string::npos;
  const std::string shown = (isSix ? "[" + host + "]" : host) + ":" + std::to_string(port);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) refuse(shown, ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);

  // A name such as "localhost" has several. Only one is listened on: IPv4 where there is one, as
  // rest-server does and as proxies that name 127.0.0.1 expect.
  int error = EADDRNOTAVAIL;
  for (const bool wantsSix : {false, true}) {
    for (const addrinfo* each = found; each; each = each->ai_next) {
      if ((each->ai_family == AF_INET6) != wantsSix) continue;
      UniqueFd fd;
      error = listenTcp(fd, each->ai_addr, each->ai_addrlen, false);
      if (error == 0) return fd;
    }
  }
  refuse(shown, reasonOf(error));
}

// The address of a path; a leading '@' becomes the NUL of the abstract namespace.
socklen_t unixAddress(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) refuse(path, "path too long");
  path.copy(address.sun_path, path.size());
  const auto length = offsetof(sockaddr_un, sun_path) + path.size();
  if (path[0] != '@') return static_cast<socklen_t>(length + 1);
  address.sun_path[0] = '\0';
  return static_cast<socklen_t>(length);
}

// True when nobody answers on the socket: whoever made it is dead.
bool isStale(const std::string& path, const sockaddr_un& address, socklen_t length) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const UniqueFd probe = makeSocket(AF_UNIX);
  if (!probe) return false;
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 &&
         errno == ECONNREFUSED;
}

UniqueFd openUnix(const std::string& path, unsigned mode, SocketFile& file) {
  sockaddr_un address{};
  const socklen_t length = unixAddress(path, address);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd fd = makeSocket(AF_UNIX);
  if (!fd) refuse(path, reasonOf(errno));

  int error = ::bind(fd.get(), generic, length) == 0 ? 0 : errno;
  if (error == EADDRINUSE && path[0] != '@' && isStale(path, address, length)) {
    ::unlink(path.c_str());
    error = ::bind(fd.get(), generic, length) == 0 ? 0 : errno;
  }
  if (error != 0) refuse(path, reasonOf(error));
  if (path[0] != '@') {
    file = SocketFile(path);
    if (mode != 0 && ::chmod(path.c_str(), mode) != 0) refuse(path, reasonOf(errno));
  }
  if (::listen(fd.get(), kBacklog) != 0) refuse(path, reasonOf(errno));
  return fd;
}

UniqueFd adopt(UniqueFd fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  const std::string name = "descriptor " + std::to_string(fd.get());
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening) {
    refuse(name, "not a listening socket");
  }
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
    refuse(name, reasonOf(errno));
  }
  return fd;
}

std::string nameOfUnix(const sockaddr_un& address, socklen_t length) {
  const auto header = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path));
  if (length <= header) return "unnamed";
  std::string name(address.sun_path, length - header);
  if (name[0] == '\0') {
    name[0] = '@';
  } else {
    name.resize(std::strlen(name.c_str()));
  }
  return name;
}

// What the socket really is bound to: the port may have been 0, the socket inherited.
void describe(OpenSocket& socket, bool tls) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* generic = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(socket.fd.get(), generic, &length) != 0) throwSystemFault("getsockname");
  if (storage.ss_family == AF_UNIX) {
    socket.isUnix = true;
    socket.bound.address = nameOfUnix(reinterpret_cast<const sockaddr_un&>(storage), length);
    socket.bound.url = "unix:" + socket.bound.address;
    return;
  }
  const Poco::Net::SocketAddress address(generic, length);
  const bool isSix = address.host().family() == Poco::Net::IPAddress::IPv6;
  const std::string host = address.host().toString();
  socket.bound.address = (isSix ? "[" + host + "]" : host) + ":" + std::to_string(address.port());
  socket.bound.url = (tls ? "https://" : "http://") + socket.bound.address;
  // Accepted sockets inherit it.
  setOption(socket.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat info {};
  if (::lstat(path_.c_str(), &info) != 0) throwSystemFault("lstat " + path_);
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

void SocketFile::remove() {
  if (path_.empty()) return;
  struct stat info {};
  if (::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  path_.clear();
}

OpenSocket openListener(Endpoint endpoint, bool tls) {
  OpenSocket socket;
  if (endpoint.inherited) {
    socket.fd = adopt(std::move(endpoint.inherited));
  } else if (!endpoint.unixPath.empty()) {
    socket.fd = openUnix(endpoint.unixPath, endpoint.unixMode, socket.file);
  } else if (endpoint.host.empty()) {
    socket.fd = openEveryAddress(endpoint.port);
  } else {
    socket.fd = openHost(endpoint.host, endpoint.port);
  }
  describe(socket, tls);
  return socket;
}

}  // namespace coffer::http
