// SPDX-License-Identifier: BSD-2-Clause
//
// Opens listening sockets: TCP, Unix (file or abstract), or handed over by systemd.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/server.h"

#include <sys/types.h>

#include <string>

namespace coffer::http {

// Takes the file of a Unix socket away again, if it is still the one that was made.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);  // Of a socket that has just been bound.
  ~SocketFile() { remove(); }
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;

  void remove();

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct OpenSocket {
  UniqueFd fd;  // Non-blocking, listening.
  BoundListener bound;
  bool isUnix = false;
  SocketFile file;
};

// Throws UsageError: "listen on ADDRESS failed: reason".
OpenSocket openListener(Endpoint endpoint, bool tls);

}  // namespace coffer::http
