// SPDX-License-Identifier: BSD-2-Clause
//
// Where to listen, as it is written in the configuration and on the command line.
#pragma once

#include "config/settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::config {

struct Address {
  enum class Kind { Tcp, Unix, Systemd };
  Kind kind = Kind::Tcp;
  std::string host;        // Tcp: "" means every address. An IPv6 address stands without brackets.
  std::uint16_t port = 0;  // Tcp: 0 takes a free one.
  std::string path;        // Unix; a leading '@' means the abstract namespace.
  std::string name;        // Systemd: FileDescriptorName= of the socket; "" takes every one.

  // True when only this machine can connect. Unknown, hence false, for systemd's sockets.
  [[nodiscard]] bool isLocal() const;
};

// The forms of ListenerSettings::address. Nothing when it is none of them.
std::optional<Address> parseAddress(std::string_view text);

// "https://HOST:PORT", "http://HOST:PORT" or "unix:PATH", as `coffer serve --listen` takes them.
// Address and TLS mode are set, nothing is mounted.
std::optional<ListenerSettings> parseListenUrl(std::string_view url);

// "10.0.0.1", "fd00::1", "10.0.0.0/8", "fd00::/8".
[[nodiscard]] bool isNetwork(std::string_view text);

}  // namespace coffer::config
