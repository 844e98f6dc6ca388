// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "appliance/base/fault.h"

#include <string>
#include <utility>

namespace coffer::outbound {

// Another server gave no answer. The message for clients is always the same; `detail` says why, for
// the log.
class OutboundFault : public Fault {
 public:
  enum class Reason {
    BadUrl,
    Blocked,      // The destination is not one that may be called.
    NameUnknown,  // The name has no address.
    Unreachable,  // Refused, no route, the connection broke.
    TimedOut,
    Untrusted,  // TLS: the certificate is not good, or no common version.
    TooLarge,
    Protocol,  // What came back is not HTTP.
    Stopping,  // Given up because the program ends.
  };

  OutboundFault(Reason reason, std::string detail)
      : Fault(FaultKind::Unavailable, "Another server that is needed for this does not answer.",
              std::move(detail)),
        reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

}  // namespace coffer::outbound
