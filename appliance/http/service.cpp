// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/service.h"

namespace coffer::http {

void Service::decorate(const Request&, Response&) const {}

int statusOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::BadRequest:
      return 400;
    case FaultKind::Unauthorized:
      return 401;
    case FaultKind::Forbidden:
      return 403;
    case FaultKind::NotFound:
      return 404;
    case FaultKind::MethodNotAllowed:
      return 405;
    case FaultKind::Conflict:
      return 409;
    case FaultKind::LengthRequired:
      return 411;
    case FaultKind::PayloadTooLarge:
      return 413;
    case FaultKind::RangeNotSatisfiable:
      return 416;
    case FaultKind::TooManyRequests:
      return 429;
    case FaultKind::Internal:
      return 500;
    case FaultKind::Unavailable:
      return 503;
    case FaultKind::InsufficientStorage:
      return 507;
  }
  return 500;
}

}  // namespace coffer::http
