// SPDX-License-Identifier: BSD-2-Clause
//
// Which servers are believed over TLS: those whose certificate the system's authorities vouch for.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace coffer::outbound {

struct TlsTrust {
  std::string authorityFile;      // PEM with authorities beside the system's; "": none.
  bool acceptsEverybody = false;  // Any certificate, for any name.
};

// TLS 1.2 or newer. The system's authorities are read from their folder as they are needed, so that
// this is cheap in time and memory. Throws OutboundFault(Untrusted) when the file cannot be used.
std::shared_ptr<ssl_ctx_st> makeClientTls(const TlsTrust& trust);

}  // namespace coffer::outbound
