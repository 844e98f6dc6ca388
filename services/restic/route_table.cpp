// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/route_table.h"

#include "appliance/base/bytes.h"

namespace coffer::restic {
namespace {

using http::BodyLimit;
using http::Lane;
using http::Method;
using http::Route;

// A config has about 155 bytes. What comes with a create is read and ignored.
constexpr BodyLimit kConfigLimit{1 * MiB};
constexpr BodyLimit kIgnoredBody{64 * KiB};

constexpr const char* kRepository = "{repository}/";
constexpr const char* kConfig = "{repository}/config";
constexpr const char* kList = "{repository}/{type}/";
constexpr const char* kObject = "{repository}/{type}/{id}";

// In rest-server's order, word for word.
std::string allowOf(Target target, bool deletesRepositories) {
  switch (target) {
    case Target::Repository:
      return deletesRepositories ? "POST, DELETE" : "POST";
    case Target::List:
      return "GET";
    case Target::Config:
    case Target::Object:
      return "HEAD, GET, POST, DELETE";
    case Target::Unknown:
      break;
  }
  return "";
}

}  // namespace

RouteTable::RouteTable(Authenticator& authenticator, const AccessRules& rules,
                       const Handlers& handlers, const ResticOptions& options)
    : guards_{{authenticator, rules, "restic read"},
              {authenticator, rules, "restic append"},
              {authenticator, rules, "restic modify"},
              {authenticator, rules, "restic read"},
              {authenticator, rules, "restic append (locks: read)"},
              {authenticator, rules, "restic modify (locks: read)"}} {
  const auto add = [&](Target target, Route row) {
    targets_.push_back(target);
    rows_.push_back(std::move(row));
  };
  const auto to = [&handlers](http::Response (Handlers::*handler)(http::Request&) const) {
    return [&handlers, handler](http::Request& request) { return (handlers.*handler)(request); };
  };
  const auto into = [&handlers](std::unique_ptr<http::BodySink> (Handlers::*handler)(http::Request&)
                                    const) {
    return [&handlers, handler](http::Request& request) { return (handlers.*handler)(request); };
  };

  add(Target::Repository, Route(Method::Post, kRepository, guards_.append, kIgnoredBody, Lane::Disk,
                                to(&Handlers::createRepository)));
  if (options.deleteRepositories) {
    add(Target::Repository, Route(Method::Delete, kRepository, guards_.modify, kIgnoredBody,
                                  Lane::Disk, to(&Handlers::deleteRepository)));
  }
  add(Target::Config, Route(Method::Head, kConfig, guards_.read, kIgnoredBody, Lane::Io,
                            to(&Handlers::headConfig)));
  add(Target::Config,
      Route(Method::Get, kConfig, guards_.read, kIgnoredBody, Lane::Io, to(&Handlers::getConfig)));
  add(Target::Config, Route::upload(Method::Post, kConfig, guards_.append, kConfigLimit,
                                    into(&Handlers::storeConfig)));
  add(Target::Config, Route(Method::Delete, kConfig, guards_.modify, kIgnoredBody, Lane::Disk,
                            to(&Handlers::deleteConfig)));
  add(Target::List,
      Route(Method::Get, kList, guards_.read, kIgnoredBody, Lane::Io, to(&Handlers::listObjects)));
  add(Target::Object, Route(Method::Head, kObject, guards_.readObject, kIgnoredBody, Lane::Io,
                            to(&Handlers::headObject)));
  add(Target::Object, Route(Method::Get, kObject, guards_.readObject, kIgnoredBody, Lane::Io,
                            to(&Handlers::getObject)));
  add(Target::Object, Route::upload(Method::Post, kObject, guards_.appendObject,
                                    {options.maxObjectBytes}, into(&Handlers::storeObject)));
  add(Target::Object, Route(Method::Delete, kObject, guards_.modifyObject, kIgnoredBody, Lane::Disk,
                            to(&Handlers::deleteObject)));
}

http::Match RouteTable::match(http::Method method, std::span<const std::string> segments) const {
  http::Match match;
  const Target target = parseObjectPath(segments).target;
  if (target == Target::Unknown) return match;
  bool deletesRepositories = false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (targets_[i] != target) continue;
    if (rows_[i].method() == method) match.route = &rows_[i];
    deletesRepositories = deletesRepositories || rows_[i].method() == Method::Delete;
  }
  if (match.route == nullptr) match.allow = allowOf(target, deletesRepositories);
  return match;
}

}  // namespace coffer::restic
