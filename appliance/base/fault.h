// SPDX-License-Identifier: BSD-2-Clause
//
// The few kinds of failure that cross a layer. A fault carries two texts that must not be mixed up:
// what the client may read, and what only the log keeps. The HTTP core maps a kind to a status; the
// service that owns the route gives it the protocol's own body (http::Service::renderError).
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace coffer {

enum class FaultKind {
  BadRequest,           // 400: the request itself is wrong
  Unauthorized,         // 401: who are you?
  Forbidden,            // 403: known, and not allowed
  NotFound,             // 404
  MethodNotAllowed,     // 405
  Conflict,             // 409
  LengthRequired,       // 411
  PayloadTooLarge,      // 413
  RangeNotSatisfiable,  // 416
  TooManyRequests,      // 429
  Internal,             // 500: our fault; the text for the client is always the same
  Unavailable,          // 503: busy or shutting down, try again
  InsufficientStorage,  // 507: disk full or over quota
};

class Fault : public std::runtime_error {
 public:
  // `clientText` may be shown to anybody. `detail` goes to the log only, and never holds a secret.
  Fault(FaultKind kind, std::string clientText, std::string detail = {})
      : std::runtime_error(detail.empty() ? clientText : clientText + ": " + detail),
        kind_(kind),
        clientText_(std::move(clientText)),
        detail_(std::move(detail)) {}

  FaultKind kind() const { return kind_; }
  const std::string& clientText() const { return clientText_; }
  const std::string& detail() const { return detail_; }

 private:
  FaultKind kind_;
  std::string clientText_;
  std::string detail_;
};

template <FaultKind Kind>
class FaultOf : public Fault {
 public:
  explicit FaultOf(std::string clientText, std::string detail = {})
      : Fault(Kind, std::move(clientText), std::move(detail)) {}
};

using BadRequest = FaultOf<FaultKind::BadRequest>;
using Unauthorized = FaultOf<FaultKind::Unauthorized>;
using Forbidden = FaultOf<FaultKind::Forbidden>;
using NotFound = FaultOf<FaultKind::NotFound>;
using Conflict = FaultOf<FaultKind::Conflict>;
using LengthRequired = FaultOf<FaultKind::LengthRequired>;
using PayloadTooLarge = FaultOf<FaultKind::PayloadTooLarge>;
using RangeNotSatisfiable = FaultOf<FaultKind::RangeNotSatisfiable>;
using TooManyRequests = FaultOf<FaultKind::TooManyRequests>;
using Unavailable = FaultOf<FaultKind::Unavailable>;
using InsufficientStorage = FaultOf<FaultKind::InsufficientStorage>;

// A failed system call. ENOSPC and EDQUOT become InsufficientStorage, everything else Internal.
// `what` names the call and the file for the log: "open /srv/restic/config".
[[noreturn]] void throwSystemFault(const std::string& what, int error);
[[noreturn]] void throwSystemFault(const std::string& what);  // From errno.

// The program was used wrongly from the command line or configured wrongly: printed as
// "error: <text>" and the process ends with `exitCode`.
class UsageError : public std::runtime_error {
 public:
  explicit UsageError(const std::string& text, int exitCode = 1)
      : std::runtime_error(text), exitCode_(exitCode) {}
  int exitCode() const { return exitCode_; }

 private:
  int exitCode_;
};

}  // namespace coffer
