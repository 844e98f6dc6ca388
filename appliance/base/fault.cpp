// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"

#include <system_error>

#include <cerrno>

namespace coffer {

void throwSystemFault(const std::string& what, int error) {
  const std::string detail = what + ": " + std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT) throw InsufficientStorage("Insufficient Storage", detail);
  throw Fault(FaultKind::Internal, "Internal Server Error", detail);
}

void throwSystemFault(const std::string& what) { throwSystemFault(what, errno); }

}  // namespace coffer
