// SPDX-License-Identifier: BSD-2-Clause
//
// Apache's combined format, one line a request, as fail2ban filters and log analysers read it:
//   host - user [20/Nov/2026:07:38:59 +0000] "POST /r/?create=true HTTP/1.1" 200 0 "referer"
//   "agent"
// with the request id as one more quoted field when `withRequestId` is set.
// Threads: safe from any. Lines are written whole with one write(2) in append mode.
#pragma once

#include "appliance/base/clock.h"

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::http {

struct AccessLogEntry {
  std::string_view host;
  std::string_view user;  // "" prints as "-".
  UnixMicros time = 0;
  std::string_view method;
  std::string_view target;
  std::string_view version;  // "HTTP/1.1".
  int status = 0;
  std::uint64_t bodyBytes = 0;
  std::string_view referer;
  std::string_view agent;
  std::string_view requestId;
};

class AccessLog {
 public:
  // How an empty referer or agent is written: "-" as Apache does, or "" as rest-server does.
  enum class Empty { Dash, Nothing };

  // `file` "-" is standard output; one that is made gets `mode`, less the umask. Throws UsageError
  // ("open FILE: reason").
  AccessLog(std::string file, bool withRequestId, Empty empty = Empty::Dash, mode_t mode = 0640);
  ~AccessLog();

  void write(const AccessLogEntry& entry);
  void reopen();  // For logrotate; keeps the old file when the new one cannot be opened.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coffer::http
