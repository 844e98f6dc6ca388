// SPDX-License-Identifier: BSD-2-Clause
//
// The rows of the service, and which of them a path and method mean. Paths are told apart by their
// shape (object_path.h), which the core's router cannot express, so the patterns are for people.
#pragma once

#include "appliance/http/service.h"
#include "services/restic/guards.h"
#include "services/restic/handlers.h"

#include <span>
#include <string>
#include <vector>

namespace coffer::restic {

class RouteTable {
 public:
  RouteTable(Authenticator& authenticator, const AccessRules& rules, const Handlers& handlers,
             const ResticOptions& options);

  std::span<const http::Route> rows() const { return rows_; }
  http::Match match(http::Method method, std::span<const std::string> segments) const;

 private:
  struct Guards {
    RouteGuard read, append, modify, readObject, appendObject, modifyObject;
  };

  Guards guards_;
  std::vector<http::Route> rows_;
  std::vector<Target> targets_;  // Of the row with the same index.
};

}  // namespace coffer::restic
