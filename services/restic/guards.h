// SPDX-License-Identifier: BSD-2-Clause
//
// What stands before every route of the service: log in first, then the rights of access_rules.h.
// A user without any right in a repository gets 401, with too little 403.
#pragma once

#include "appliance/http/route.h"
#include "services/restic/access_rules.h"
#include "services/restic/authenticator.h"
#include "services/restic/object_path.h"

#include <string>

namespace coffer::restic {

// What a guard leaves for the handler.
struct Grant {
  std::string user;
  ObjectPath path;
};

// For the routes. What is needed follows from method and path; `description` is for the table.
class RouteGuard final : public http::Guard {
 public:
  RouteGuard(Authenticator& authenticator, const AccessRules& rules, std::string description)
      : authenticator_(authenticator), rules_(rules), description_(std::move(description)) {}

  std::string_view description() const override { return description_; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

 private:
  Authenticator& authenticator_;
  const AccessRules& rules_;
  std::string description_;
};

// For paths that are no route: the same login, and a stranger to the repository learns nothing.
class UnmatchedGuard final : public http::Guard {
 public:
  UnmatchedGuard(Authenticator& authenticator, const AccessRules& rules)
      : authenticator_(authenticator), rules_(rules) {}

  std::string_view description() const override { return "restic user"; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

 private:
  Authenticator& authenticator_;
  const AccessRules& rules_;
};

// For /metrics where it follows rest-server's rules: any user, or, with private repositories, only
// the one named "metrics".
class MetricsGuard final : public http::Guard {
 public:
  MetricsGuard(Authenticator& authenticator, bool privateRepositories)
      : authenticator_(authenticator), private_(privateRepositories) {}

  std::string_view description() const override {
    return private_ ? "restic user metrics" : "restic user";
  }
  http::Admission admit(http::Request& request, http::Lane lane) const override;

 private:
  Authenticator& authenticator_;
  bool private_;
};

}  // namespace coffer::restic
