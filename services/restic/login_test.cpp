// SPDX-License-Identifier: BSD-2-Clause
//
// Who gets in: the protocol's table, and rights per user and repository.
#include "services/restic/service_harness.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

namespace {

constexpr const char* kUsers =
    "alice:$2y$05$GexI8Ho0YLtBg4XBLq9H9OS9Wuwa8PJZlwyqcV32VE9NCT1H6P0om\n"
    "bob:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n"
    "carl:$apr1$nxTfmkF.$2EgehF9a9AAIc7ptZi9a.0\n"
    "metrics:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n"
    "bad/user:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n";

int statusFor(Harness& server, const std::string& user, const std::string& password,
              const std::string& target, http::Method method = http::Method::Get,
              const std::string& body = "") {
  return server
      .ask({.method = method,
            .target = target,
            .headers = {{"Authorization", basic(user, password)}},
            .body = body})
      .status;
}

ResticOptions privateRepositories() {
  ResticOptions options;
  options.privateRepositories = true;
  return options;
}

}  // namespace

TEST_CASE("logins by password") {
  Harness server({}, kUsers);
  CHECK(server.get("/x/config").status == 401);
  CHECK(statusFor(server, "alice", "right", "/x/config") == 404);
  CHECK(statusFor(server, "alice", "wrong", "/x/config") == 401);
  CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  CHECK(statusFor(server, "carl", "right", "/x/config") == 404);
  CHECK(statusFor(server, "nobody", "x", "/x/config") == 401);
  CHECK(statusFor(server, "bad/user", "right", "/bad/user/config") == 401);
  CHECK(statusFor(server, "", "", "/x/config") == 401);
  for (int i = 0; i < 10; ++i) {
    CHECK(statusFor(server, "bob", "wrong", "/x/config") == 401);
    CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  }
  const auto with = [&](const std::string& authorization) {
    return server.ask({.target = "/x/config", .headers = {{"Authorization", authorization}}})
        .status;
  };
  CHECK(with("Bearer abc") == 401);
  CHECK(with("basic " + toBase64("bob:right")) == 404);
  CHECK(with("Basic " + toBase64("bob")) == 401);
  CHECK(with("Basic ***") == 401);
}

TEST_CASE("private repositories belong to the user who is called like the first folder") {
  Harness server(privateRepositories(), kUsers);
  const std::pair<const char*, int> rows[] = {{"/", 401},
                                              {"/bob", 401},
                                              {"/bob/", 405},
                                              {"/bob/config", 404},
                                              {"/bob/x/config", 404},
                                              {"/bob/x/y/", 404},
                                              {"/bobx/", 401},
                                              {"/Bob/config", 401},
                                              {"/alice/config", 401},
                                              {"/config", 401},
                                              {"/data/", 401},
                                              {"/bob%20/", 401},
                                              {"/b%6fb/config", 404},
                                              {"/alice/bob/", 401},
                                              {"/alice/x/y/", 401},
                                              {"/nothing", 401}};
  for (const auto& row : rows) {
    const std::string target = row.first;
    const int status = row.second;
    CAPTURE(target);
    CHECK(statusFor(server, "bob", "right", target) == status);
  }
  CHECK(statusFor(server, "bob", "right", "/alice/?create=true", http::Method::Post) == 401);
  CHECK(statusFor(server, "bob", "right", "/bob/?create=true", http::Method::Post) == 200);
}

TEST_CASE("without authentication everybody may do everything, whatever they send along") {
  ResticOptions options = privateRepositories();
  options.authentication.noAuth = true;
  Harness server(options);
  CHECK(server.get("/anyone/config").status == 404);
  CHECK(statusFor(server, "", "", "/x/config") == 404);
}

TEST_CASE("a proxy's header names the user, where it is believed") {
  ResticOptions options = privateRepositories();
  options.authentication.proxyHeader = "X-U";
  Harness strict(options);
  options.authentication.proxyHeaderFromAnyone = true;
  Harness open(options);
  const auto ask = [](Harness& server, const char* name, const char* value, bool trusted) {
    return server
        .ask({.target = "/bob/config", .headers = {{name, value}}, .trustedProxy = trusted})
        .status;
  };
  CHECK(ask(open, "X-U", "bob", false) == 404);
  CHECK(ask(open, "x-u", "bob", false) == 404);
  CHECK(ask(open, "X-U", "", false) == 401);
  CHECK(ask(open, "X-U", "eve", false) == 401);
  CHECK(statusFor(open, "bob", "right", "/bob/config") == 401);
  CHECK(ask(strict, "X-U", "bob", false) == 401);
  CHECK(ask(strict, "X-U", "bob", true) == 404);
  // A proxy that adds its header behind the client's own.
  CHECK(strict
            .ask({.target = "/bob/config",
                  .headers = {{"X-U", "bob"}, {"x-u", "mallory"}},
                  .trustedProxy = true})
            .status == 401);
}

TEST_CASE("a client certificate names the user") {
  Harness server(privateRepositories(), kUsers);
  CHECK(server.ask({.target = "/laptop/config", .certificate = "laptop"}).status == 404);
  CHECK(server.ask({.target = "/bob/config", .certificate = "laptop"}).status == 401);
  CHECK(server.ask({.target = "/x/config", .certificate = "bad/name"}).status == 401);
  ResticOptions options;
  options.authentication.certificateUsers = false;
  Harness without(options, kUsers);
  CHECK(without.ask({.target = "/x/config", .certificate = "laptop"}).status == 401);
}

TEST_CASE("metrics follow the rules of rest-server") {
  const auto admits = [](Harness& server, const std::string& user) {
    http::RequestBuilder builder;
    builder.method(http::Method::Get).target("/metrics", std::make_shared<http::MountPoint>());
    if (!user.empty()) builder.header("Authorization", basic(user, "right"));
    http::Request request = builder.build();
    try {
      Harness::admit(server.service().metricsGuard(), request);
      return true;
    } catch (const Unauthorized&) {
      return false;
    }
  };
  Harness shared({}, kUsers);
  CHECK_FALSE(admits(shared, ""));
  CHECK(admits(shared, "bob"));
  Harness apart(privateRepositories(), kUsers);
  CHECK_FALSE(admits(apart, "bob"));
  CHECK(admits(apart, "metrics"));
  Harness open = Harness::withoutLogin(privateRepositories());
  CHECK(admits(open, ""));
}

TEST_CASE("a laptop may only append while a maintainer prunes the same repository") {
  ResticOptions options;
  options.rules = {{"alice", "**", Level::Modify},
                   {"bob", "shared", Level::Append},
                   {"carl", "shared", Level::Read}};
  options.appendOnly = true;
  Harness server(options, kUsers);
  const std::string id = idOf("pack");
  const std::string target = "/shared/data/" + id;
  const std::string lock = "/shared/locks/" + idOf("lock");
  using http::Method;
  CHECK(statusFor(server, "carl", "right", "/shared/?create=true", Method::Post) == 403);
  CHECK(statusFor(server, "bob", "right", "/shared/?create=true", Method::Post) == 200);
  CHECK(statusFor(server, "carl", "right", target, Method::Post, "pack") == 403);
  CHECK(statusFor(server, "bob", "right", target, Method::Post, "pack") == 200);
  CHECK(statusFor(server, "carl", "right", target) == 200);
  CHECK(statusFor(server, "carl", "right", lock, Method::Post, "lock") == 200);
  CHECK(statusFor(server, "carl", "right", lock, Method::Delete) == 200);
  CHECK(statusFor(server, "carl", "right", target, Method::Delete) == 403);
  CHECK(statusFor(server, "bob", "right", target, Method::Delete) == 403);
  CHECK(statusFor(server, "bob", "right", "/shared/config", Method::Delete) == 403);
  CHECK(statusFor(server, "alice", "right", target, Method::Delete) == 200);
  CHECK(statusFor(server, "bob", "right", target) == 404);
}

TEST_CASE("an acl.toml closes what it does not open") {
  coffer::tests::TempFolder temp;
  std::ofstream(temp.path() + "/acl.toml") << "[team]\nbob = \"Append\"\nalice = \"Modify\"\n";
  ResticOptions options;
  options.aclFile = temp.path() + "/acl.toml";
  Harness server(options, kUsers);
  CHECK(statusFor(server, "bob", "right", "/team/config") == 404);
  CHECK(statusFor(server, "bob", "right", "/team/config", http::Method::Delete) == 403);
  CHECK(statusFor(server, "alice", "right", "/team/config", http::Method::Delete) == 200);
  CHECK(statusFor(server, "carl", "right", "/team/config") == 401);
  CHECK(statusFor(server, "carl", "right", "/carl/config") == 404);
  CHECK(statusFor(server, "carl", "right", "/bob/config") == 401);
  options.aclFile = temp.path() + "/none.toml";
  const auto start = [&] { const Harness failing(options, kUsers); };
  CHECK_THROWS_AS(start(), UsageError);
}

TEST_CASE("users come and go with the password file") {
  Harness server({}, kUsers);
  CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  std::ofstream(server.path(".htpasswd")) << "eve:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n";
  server.service().reload();
  CHECK(statusFor(server, "bob", "right", "/x/config") == 401);
  CHECK(statusFor(server, "eve", "right", "/x/config") == 404);
}

TEST_CASE("rights come and go with the acl.toml, and a broken one changes nothing") {
  const coffer::tests::TempFolder folder;
  const std::string file = folder.path() + "/acl.toml";
  const auto write = [&](const std::string& text) { std::ofstream(file, std::ios::trunc) << text; };
  write("[x]\nbob = \"Read\"\n");
  ResticOptions options;
  options.aclFile = file;
  Harness server(options, kUsers);
  CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  CHECK(statusFor(server, "bob", "right", "/y/config") == 401);
  write("[y]\nbob = \"Read\"\n[x]\n");
  CHECK(statusFor(server, "bob", "right", "/y/config") == 401);  // Not before it is told.
  server.service().reload();
  CHECK(statusFor(server, "bob", "right", "/x/config") == 401);
  CHECK(statusFor(server, "bob", "right", "/y/config") == 404);
  SUBCASE("a mistake") { write("[y]\nbob = \"Everything\"\n"); }
  SUBCASE("missing") { std::filesystem::remove(file); }
  server.service().reload();
  CHECK(statusFor(server, "bob", "right", "/x/config") == 401);
  CHECK(statusFor(server, "bob", "right", "/y/config") == 404);
}

TEST_CASE("a missing password file is an error where it is required, and nobody otherwise") {
  Harness server;
  CHECK(statusFor(server, "bob", "right", "/x/config") == 401);
  ResticOptions options;
  options.authentication.htpasswdRequired = true;
  const auto start = [&] { const Harness failing(options); };
  CHECK_THROWS_WITH_AS(start(), doctest::Contains("(use --no-auth to disable)"), UsageError);
}

TEST_CASE("an address that guesses is not listened to, but known credentials go on working") {
  ResticOptions options;
  options.authentication.failuresPerAddress = 3;
  Harness server(options, kUsers);
  CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  for (int i = 0; i < 3; ++i) CHECK(statusFor(server, "alice", "wrong", "/x/config") == 401);
  CHECK(statusFor(server, "alice", "right", "/x/config") == 401);
  CHECK(statusFor(server, "bob", "right", "/x/config") == 404);
  CHECK(server
            .ask({.target = "/x/config",
                  .headers = {{"Authorization", basic("alice", "right")}},
                  .address = "192.0.2.99"})
            .status == 404);
}
