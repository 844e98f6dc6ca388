// SPDX-License-Identifier: BSD-2-Clause
//
// A client just big enough to ask a server whether it is well: one GET over TCP, TLS or a Unix
// socket. Used by `coffer healthcheck` and by the watchdog's look at ourselves.
#pragma once

#include <chrono>
#include <string>

namespace coffer::runtime {

struct ProbeTarget {
  std::string host;  // Name or address; "" or a wildcard address means this machine.
  std::string port;
  std::string unixPath;  // Instead of host and port; '@' begins an abstract name.
  bool tls = false;
  // PEM of what the server's certificate must be signed by, or be. Empty: any certificate will do,
  // which is enough to see whether the server answers.
  std::string trustFile;
  std::string path = "/healthz";
};

// "https://HOST:PORT[/path]", "http://HOST:PORT[/path]", "unix:PATH". Throws UsageError.
ProbeTarget parseProbeUrl(const std::string& url);

struct ProbeResult {
  int status = 0;     // 0: no answer.
  std::string body;   // At most 64 KiB.
  std::string error;  // Why there was no answer.
  bool timedOut = false;
};

// Never throws; gives up after `timeout` (per step of the connection).
ProbeResult probe(const ProbeTarget& target, std::chrono::milliseconds timeout);

}  // namespace coffer::runtime
