// SPDX-License-Identifier: BSD-2-Clause
#include "config/check.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::config;

namespace {

struct Case {
  std::string yaml;
  std::string says;
};

// What check() says about the settings of `yaml`.
std::string checked(const std::string& yaml) {
  Problems problems;
  const Settings settings = loadYaml(yaml, problems);
  REQUIRE(render(problems).empty());
  check(settings, {}, problems);
  return render(problems);
}

}  // namespace

TEST_CASE("contradictions between settings are errors") {
  for (const Case& c : std::vector<Case>{
           {"data_dir: \"\"", "data_dir: must name a folder"},
           {"listeners: []", "listeners: names nothing to listen on"},
           {"listeners: [{address: \":1\", mounts: {/: vualt}}]",
            "unknown service \"vualt\" (did you mean \"vault\"?); there are health, metrics, "
            "restic"},
           {"listeners: [{address: \":1\", mounts: {/a: vault, /a/: restic}}]",
            "listeners[0].mounts./a: is mounted twice"},
           {"listeners: [{address: \":1\", mounts: {/: {service: vault, casing: snake}}}]",
            "casing must be one of camel, pascal, not \"snake\""},
           {"listeners: [{address: \":1\", mounts: {/: {service: restic, casing: pascal}}}]",
            "the service restic has no option \"casing\""},
           {"listeners: [{address: \":1\"}, {address: \":1\"}]",
            "listeners[1]: :1 is listened on twice"},
           {"listeners: [{address: \":1\", socket_mode: 0600}]", "socket_mode is for Unix sockets"},
           {"listeners: [{address: \":1\", tls: {client_certificate_required: true}}]",
            "client_ca names no authority"},
           {"tls: {certificate: /c}", "tls.certificate and tls.key must be given together"},
           {"tls: {key: /k}", "tls.certificate and tls.key must be given together"},
           {"{tls: {certificate: /c, key: /k}, listeners: [{address: \"127.0.0.1:1\", tls: off}]}",
            "tls.certificate: is given, but no listener has TLS"},
           {"{tls: {client_ca: /c}, listeners: [{address: \"127.0.0.1:1\", tls: off}]}",
            "tls.client_ca: is given, but no listener has TLS"},
           {"http: {max_target: 64 KiB}", "http.max_target: is larger than http.max_head"},
           {"http: {trusted_proxies: [proxy.lan]}", "\"proxy.lan\" is no address"},
           {"log: {levels: {resti: debug}}", "no part \"resti\" (did you mean \"restic\"?)"},
           {"log: {file: /l, access_log: /l}", "log.access_log: is the same file"},
           {"restic: {auth: proxy}", "proxy needs restic.proxy_auth_header"},
           {"restic: {auth: proxy, proxy_auth_header: X-User}", "proxy needs http.trusted_proxies"},
           {"restic: {proxy_auth_header: X-User}", "given, but restic.auth is not proxy"},
           {"{restic: {auth: proxy, proxy_auth_header: \"a b\"}, http: {trusted_proxies: unix}}",
            "is not the name of a header"},
           {"restic: {client_certificates: true}", "no listener has a client_ca"},
           {"restic: {user_quotas: {a/b: 1}}", "\"a/b\" cannot be the name of a user"},
           {"vault: {signups: domains}", "domains needs vault.signup_domains"},
           {"vault: {signup_domains: [example.org]}", "vault.signups is not domains"},
           {"vault: {signups: domains, signup_domains: [a@b]}", "\"a@b\" is not a domain"},
           {"vault: {origin: vault.example.org}", "is not a URL"},
           {"mail: {host: mail.example.org, from: vault@example.org}",
            "vault.origin: is needed to send mail"},
           {"mail: {sendmail: /usr/sbin/sendmail, from: vault@example.org}",
            "vault.origin: is needed to send mail"},
           {"vault: {origin: \"https://vault.example.org/\"}", "is not a URL"},
       }) {
    CAPTURE(c.yaml);
    const std::string found = checked(c.yaml);
    CAPTURE(found);
    CHECK(found.find(c.says) != std::string::npos);
    CHECK(found.find("warning: ") == std::string::npos);
  }
}

TEST_CASE("what is probably not meant is a warning, and the appliance starts") {
  for (const Case& c : std::vector<Case>{
           {"listeners: [{address: \":1\", tls: off}]", "serves the vault without TLS"},
           {"restic: {auth: off}", "restic.auth: is off: whoever reaches"},
           {"restic: {append_only: true, verify_uploads: false}", "can put garbage"},
           {"vault: {signups: open}", "vault.signups: is open"},
           {"metrics: {access: anyone}", "metrics.access: is anyone"},
           {"{restic: {auth: off}, metrics: {access: users}}", "anyone may read the metrics"},
           {"restic: {auth: off, private_repositories: true}", "have no effect"},
       }) {
    CAPTURE(c.yaml);
    const std::string found = checked(c.yaml);
    CAPTURE(found);
    CHECK(found.find("warning: ") == 0);
    CHECK(found.find(c.says) != std::string::npos);
    Problems problems;
    const Settings settings = loadYaml(c.yaml, problems);
    check(settings, {}, problems);
    CHECK_FALSE(problems.hasErrors());
  }
}

TEST_CASE("what nobody else can reach needs no warning") {
  for (const char* yaml : {
           "{restic: {auth: off}, listeners: [{address: \"127.0.0.1:0\", tls: off}]}",
           "{metrics: {access: anyone}, listeners: [{address: \"unix:/x\"}]}",
           "{listeners: [{address: \":80\", tls: off}], http: {trusted_proxies: [10.0.0.1]}}",
           "{listeners: [{address: \"127.0.0.1:0\"}, {address: \"127.0.0.1:0\"}]}",
           "{restic: {auth: proxy, proxy_auth_header: X-User}, http: {trusted_proxies: unix}}",
           "{restic: {client_certificates: true}, tls: {client_ca: /ca}}",
       }) {
    CAPTURE(yaml);
    CHECK(checked(yaml).empty());
  }
}

TEST_CASE("a contradiction is placed where its setting came from") {
  LoadInput input;
  input.environment = {{"COFFER_RESTIC_AUTH", "proxy"},
                       {"COFFER_RESTIC_PROXY_AUTH_HEADER", "X-User"}};
  CHECK(render(load(input).problems) ==
        "COFFER_RESTIC_AUTH: restic.auth: proxy needs http.trusted_proxies: nobody else is "
        "believed\n");
}
