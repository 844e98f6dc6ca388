// SPDX-License-Identifier: BSD-2-Clause
#include "config/load.h"

#include "config/fields.h"
#include "config/print.h"
#include "tests/support/source_folder.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>

using namespace coffer;
using namespace coffer::config;

namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "coffer-config-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  fs::path path_;
};

// A text that is refused, and part of what is said about it.
struct Case {
  std::string text;
  std::string says;
};

// Loads `text` as the file, with `environment` and `flags` over it.
Loaded loadWith(const std::string& text, std::map<std::string, std::string> environment = {},
                std::vector<FlagValue> flags = {}) {
  const TemporaryFolder folder;
  LoadInput input;
  input.file = folder.write("coffer.yaml", text);
  input.environment = std::move(environment);
  input.flags = std::move(flags);
  return load(input);
}

std::string problemsOf(std::string_view text) {
  Problems problems;
  (void)loadYaml(text, problems);
  return render(problems);
}

// The settings as text, to compare all of them at once.
std::string dump(const Settings& settings) { return showSettings(settings, {}); }

}  // namespace

TEST_CASE("without anything the defaults are one listener with every service, and no problem") {
  const Loaded loaded = load({});
  CHECK(render(loaded.problems).empty());
  CHECK(loaded.sources.empty());
  const Settings& s = loaded.settings;
  REQUIRE(s.listeners.size() == 1);
  CHECK(s.listeners[0].address == "0.0.0.0:8443");
  CHECK(s.listeners[0].tls.mode == TlsMode::Auto);
  std::map<std::string, std::string> mounts;
  for (const auto& mount : s.listeners[0].mounts) mounts[mount.prefix] = mount.service;
  CHECK(mounts == std::map<std::string, std::string>{{"/", "vault"},
                                                     {"/restic", "restic"},
                                                     {"/metrics", "metrics"},
                                                     {"/healthz", "health"}});
  CHECK(s.vault.signups == VaultSignups::First);
  CHECK(s.dataDir == "/var/lib/coffer");
}

TEST_CASE("a file sets what it names and leaves the rest") {
  const Loaded loaded = loadWith(R"(
data_dir: /srv/coffer
restic:
  append_only: yes
  max_size: 10 GiB
  user_quotas: {alice: 5 GiB, bob: 512 MiB}
  rules:
    - {user: keeper, repository: "*", access: modify}
    - laptop@laptop=append
http:
  head_deadline: 20s
  trusted_proxies: [10.0.0.0/8, unix]
log:
  level: warning
  levels: {restic: debug}
vault:
  signups: domains
  signup_domains: example.org, example.net
  feature_flags:
)");
  const Settings& s = loaded.settings;
  CHECK(s.dataDir == "/srv/coffer");
  CHECK(s.restic.appendOnly);
  CHECK(s.restic.maxSize.bytes == 10737418240ULL);
  CHECK(s.restic.userQuotas.at("bob").bytes == 536870912ULL);
  REQUIRE(s.restic.rules.size() == 2);
  CHECK(s.restic.rules[0].access == ResticAccess::Modify);
  CHECK(s.restic.rules[1].user == "laptop");
  CHECK(s.http.headDeadline == std::chrono::seconds(20));
  CHECK(s.http.trustedProxies == std::vector<std::string>{"10.0.0.0/8", "unix"});
  CHECK(s.log.levels.at("restic") == log::Level::Debug);
  CHECK(s.vault.signupDomains == std::vector<std::string>{"example.org", "example.net"});
  CHECK(s.http.keepAlive == HttpSettings{}.keepAlive);
  CHECK(loaded.sources.at("restic.max_size").ends_with("coffer.yaml:5"));
  CHECK(loaded.problems.all().size() == 1);  // feature_flags has no value.
}

TEST_CASE("the environment goes before the file and a flag before both") {
  const std::string file = "restic: {bcrypt_cost: 11, max_size: 1 GiB, append_only: true}\n";
  const Loaded loaded = loadWith(file,
                                 {{"COFFER_RESTIC_MAX_SIZE", "2 GiB"},
                                  {"COFFER_RESTIC_APPEND_ONLY", "false"},
                                  {"COFFER_CONFIG", "/etc/coffer.yaml"},
                                  {"HOME", "/root"}},
                                 {{"restic.append_only", "true"}});
  CHECK(render(loaded.problems).empty());
  CHECK(loaded.settings.restic.bcryptCost == 11);
  CHECK(loaded.settings.restic.maxSize.bytes == 2147483648ULL);
  CHECK(loaded.settings.restic.appendOnly);
  CHECK(loaded.sources.at("restic.bcrypt_cost").ends_with("coffer.yaml:1"));
  CHECK(loaded.sources.at("restic.max_size") == "COFFER_RESTIC_MAX_SIZE");
  CHECK(loaded.sources.at("restic.append_only") == "--restic-append-only");
}

TEST_CASE("lists and maps can be given as text, and flags for them add up") {
  const Loaded loaded = loadWith("",
                                 {{"COFFER_TLS_NAMES", "box.lan, 192.0.2.1"},
                                  {"COFFER_RESTIC_USER_QUOTAS", "alice=1 GiB,bob=2GiB"}},
                                 {{"http.trusted_proxies", "10.0.0.1"},
                                  {"http.trusted_proxies", "10.0.0.2,unix"},
                                  {"log.levels", "http=debug"},
                                  {"log.levels", "vault=error"}});
  CHECK(render(loaded.problems).empty());
  CHECK(loaded.settings.tls.names == std::vector<std::string>{"box.lan", "192.0.2.1"});
  CHECK(loaded.settings.restic.userQuotas.at("bob").bytes == 2147483648ULL);
  CHECK(loaded.settings.http.trustedProxies ==
        std::vector<std::string>{"10.0.0.1", "10.0.0.2", "unix"});
  CHECK(loaded.settings.log.levels.size() == 2);
}

TEST_CASE("a secret can be read from a file, and is printed nowhere") {
  const TemporaryFolder folder;
  const std::string path = folder.write("token", "sesame-1234\n");

  for (const int way : {0, 1, 2, 3, 4}) {
    CAPTURE(way);
    std::string file;
    std::map<std::string, std::string> environment;
    std::vector<FlagValue> flags;
    if (way == 0) file = "metrics: {token: sesame-1234}\n";
    if (way == 1) file = "metrics: {token_file: " + path + "}\n";
    if (way == 2) environment = {{"COFFER_METRICS_TOKEN", "sesame-1234"}};
    if (way == 3) environment = {{"COFFER_METRICS_TOKEN_FILE", path}};
    if (way == 4) flags = {{"metrics.token", path}};
    const Loaded loaded = loadWith(file, environment, flags);
    CHECK(render(loaded.problems).empty());
    CHECK(loaded.settings.metrics.token.reveal() == "sesame-1234");
    const std::string shown = showSettings(loaded.settings, loaded.sources);
    CHECK(shown.find("sesame") == std::string::npos);
    CHECK(shown.find("token: \"***\"") != std::string::npos);
  }

  const Loaded both = loadWith("metrics: {token: a, token_file: b}\n");
  CHECK(render(both.problems).find("given together") != std::string::npos);
  const Loaded gone = loadWith("", {{"COFFER_METRICS_TOKEN_FILE", path + ".gone"}});
  CHECK(render(gone.problems).find("No such file") != std::string::npos);
  const Loaded plain = loadWith("restic: {path_file: /x}\n");  // Not a secret.
  CHECK(render(plain.problems).find("unknown setting \"path_file\"") != std::string::npos);
}

TEST_CASE("all problems are reported at once, each with its place") {
  const Loaded loaded = loadWith(R"(data_dir: [a]
restic:
  append-only: true
  max_size: big
  auth: none
append_only: true
colour: blue
http:
  workers: 1000
log: loud
)",
                                 {{"COFFER_RESTIC_MAXSIZE", "1"}, {"COFFER_HTTP_WORKERS", "x"}},
                                 {{"restic.appendonly", "true"}, {"vault.signups", "all"}});
  const std::string text = render(loaded.problems);
  for (const char* line : {
           R"(coffer.yaml:1: data_dir: must be text)",
           R"(coffer.yaml:3: restic: unknown setting "append-only" (did you mean "append_only"?))",
           R"(coffer.yaml:4: restic.max_size: must be a size such as 10 GiB, not "big")",
           R"(coffer.yaml:5: restic.auth: must be one of htpasswd, proxy, off, not "none")",
           R"(coffer.yaml:6: unknown setting "append_only" (did you mean "restic.append_only"?))",
           R"(coffer.yaml:7: unknown setting "colour")",
           R"(coffer.yaml:9: http.workers: must be from 0 to 256, not 1000)",
           R"(coffer.yaml:10: log: must be a map of settings)",
           R"(COFFER_RESTIC_MAXSIZE: unknown variable (did you mean "COFFER_RESTIC_MAX_SIZE"?))",
           R"(COFFER_HTTP_WORKERS: http.workers: must be a number, not "x")",
           R"(--restic.appendonly: unknown setting (did you mean "restic.append_only"?))",
           R"(--vault-signups: vault.signups: must be one of closed, first)",
       }) {
    CAPTURE(text);
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(loaded.problems.all().size() == 12);
}

TEST_CASE("variables that an orchestrator sets for a service named coffer are no mistakes") {
  CHECK(render(loadWith("", {{"COFFER_SERVICE_HOST", "10.0.0.1"},
                             {"COFFER_PORT", "tcp://10.0.0.1:8443"},
                             {"COFFER_PORT_8443_TCP_ADDR", "10.0.0.1"}})
                   .problems)
            .empty());
}

TEST_CASE("a file that is missing or is not ours is one clear problem") {
  LoadInput input;
  input.file = "/nonexistent/coffer.yaml";
  const std::string missing = render(load(input).problems);
  CHECK(missing == "/nonexistent/coffer.yaml: cannot be read: No such file or directory\n");

  for (const Case& c : std::vector<Case>{
           {"a: [", "coffer.yaml:1: is not valid YAML"},
           {"- a\n- b\n", "must be a map of settings"},
           {"just text", "must be a map of settings"},
           {"data_dir: a\ndata_dir: b\n", "coffer.yaml:2: \"data_dir\" is given twice"},
           {"data_dir: a\n---\ndata_dir: b\n", "more than one document"},
           {"data_dir: &x a\n", "coffer.yaml:1: anchors"},
           {"tls: &a {names: [x]}\nhttp: *a\n", "anchors"},
           {"? [a]\n: b\n", "a key must be a word"},
           {"{a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: "
            "1}}}}}}}}}}}}}}}}}",
            "nested too deeply"},
           {std::string(5000, '['), "coffer.yaml:1: "},
           {"data_dir: \xff\n", "not text in UTF-8"},
           {std::string("data_dir: a\0b\n", 14), "not text in UTF-8"},
           {std::string(1024 * 1024 + 1, '#'), "larger than 1 MiB"},
           {"data_dir: \"a\\nb\"\n", "data_dir: must be text"},
       }) {
    CAPTURE(c.text.substr(0, 80));
    CAPTURE(problemsOf(c.text));
    CHECK(problemsOf(c.text).find(c.says) != std::string::npos);
  }
  CHECK(problemsOf("").empty());
  CHECK(problemsOf("# nothing\n---\n").empty());
  CHECK(problemsOf("http:\n").empty());
}

TEST_CASE("a listener says where it is, how it is encrypted and what is on it") {
  Problems problems;
  const Settings s = loadYaml(R"(
tls: {min_version: "1.3"}
listeners:
  - address: 0.0.0.0:443
    tls: {certificate: /c.pem, key: /k.pem, client_ca: /ca.pem}
    mounts:
      /: vault
      /bitwarden/: {service: vault, casing: pascal}
  - address: unix:/run/coffer.sock
    socket_mode: 0660
    mounts: {/: restic}
  - address: 127.0.0.1:80
    tls: false
  - https://127.0.0.1:444
)",
                              problems);
  CHECK(render(problems).empty());
  REQUIRE(s.listeners.size() == 4);
  CHECK(s.listeners[0].tls.mode == TlsMode::Files);
  CHECK(s.listeners[0].tls.key == "/k.pem");
  CHECK(s.listeners[0].tls.clientCa == "/ca.pem");
  CHECK(s.listeners[0].tls.minimumVersion == TlsVersion::Tls13);
  REQUIRE(s.listeners[0].mounts.size() == 2);
  CHECK(s.listeners[0].mounts[1].prefix == "/bitwarden");
  CHECK(s.listeners[0].mounts[1].options.at("casing") == "pascal");
  CHECK(s.listeners[1].tls.mode == TlsMode::Off);
  CHECK(s.listeners[1].socketMode == 0660);
  CHECK(s.listeners[2].tls.mode == TlsMode::Off);
  CHECK(s.listeners[2].mounts.size() == 2);  // Those of the first listener.
  CHECK(s.listeners[3].tls.mode == TlsMode::Auto);
}

TEST_CASE("a listener that cannot be meant is refused") {
  for (const Case& c : std::vector<Case>{
           {"{}", "listeners[0]: names no address"},
           {"{address: 8000}", "listeners[0].address: must be HOST:PORT"},
           {"{address: \":1\", tls: maybe}", "listeners[0].tls: must be one of auto, off"},
           {"{address: \":1\", tls: {certificate: a}}", "must be given together"},
           {"{address: \":1\", tls: {cert: a}}", "unknown key \"cert\""},
           {"{address: \":1\", tls: [a]}", "listeners[0].tls: must be auto, off"},
           {"{address: \":1\", mount: {}}", "unknown key \"mount\" (did you mean \"mounts\"?)"},
           {"{address: \":1\", mounts: {}}", "listeners[0].mounts: must be a map"},
           {"{address: \":1\", mounts: {restic: restic}}", "a path begins with a slash"},
           {"{address: \":1\", mounts: {/a/../b: restic}}", "a path begins with a slash"},
           {"{address: \":1\", mounts: {/a//b: restic}}", "a path begins with a slash"},
           {"{address: \":1\", mounts: {/a%2Fb: restic}}", "a path begins with a slash"},
           {"{address: \":1\", mounts: {/: {casing: pascal}}}", "names no service"},
           {"{address: \":1\", mounts: {/: [vault]}}", "must be text"},
           {"{address: \"unix:/x\", socket_mode: 0999}", "octal permissions"},
           {"ftp://x:1", "must be https://HOST:PORT"},
           {"[a]", "must be a map with address"},
       }) {
    CAPTURE(c.text);
    const std::string found = problemsOf("listeners:\n  - " + c.text + "\n");
    CAPTURE(found);
    CHECK(found.find(c.says) != std::string::npos);
  }
  CHECK(problemsOf("listeners: {address: x}\n").find("must be a list") != std::string::npos);
}

TEST_CASE("listeners from the command line take the mounts of the configured one") {
  const Loaded configured =
      loadWith("listeners: [{address: \":8000\", tls: off, mounts: {/: restic}}]", {},
               {{"listeners", "http://127.0.0.1:0"}, {"listeners", "unix:/run/x"}});
  REQUIRE(configured.settings.listeners.size() == 2);
  CHECK(configured.settings.listeners[1].address == "unix:/run/x");
  REQUIRE(configured.settings.listeners[1].mounts.size() == 1);
  CHECK(configured.settings.listeners[1].mounts[0].service == "restic");
  CHECK(configured.sources.at("listeners") == "--listen");

  const Loaded bare = loadWith("", {{"COFFER_LISTEN", "http://127.0.0.1:0"}});
  CHECK(bare.settings.listeners[0].mounts.size() == defaultMounts().size());
}

TEST_CASE("TLS files of all listeners take the place of the automatic certificate") {
  const Loaded loaded = loadWith("", {{"COFFER_TLS_CERTIFICATE", "/c.pem"},
                                      {"COFFER_TLS_KEY", "/k.pem"},
                                      {"COFFER_TLS_CLIENT_CA", "/ca.pem"},
                                      {"COFFER_TLS_CLIENT_CERTIFICATE_REQUIRED", "true"}});
  CHECK(render(loaded.problems).empty());
  const ListenerTls& tls = loaded.settings.listeners[0].tls;
  CHECK(tls.mode == TlsMode::Files);
  CHECK(tls.certificate == "/c.pem");
  CHECK(tls.clientCa == "/ca.pem");
  CHECK(tls.clientCertificateRequired);
}

TEST_CASE("what is shown can be loaded again and means the same") {
  Problems problems;
  const Settings s = loadYaml(R"(
data_dir: "/srv/a: b #c"
listeners:
  - {address: "[::1]:0", tls: {certificate: /c, key: /k, min_version: "1.3"}, mounts: {/a: {service: vault, casing: pascal}}}
  - {address: "unix:/x", socket_mode: 0600, mounts: {/: restic}}
restic:
  rules: ["*@=read", "bob@team/*=append"]
  repository_quotas: {"team/a b": 1 GiB, "null": 5}
  htpasswd_file: "say \"hi\" \\ there"
  acl_file: "~"
log: {levels: {http: debug}, access_log: "-"}
http: {trusted_proxies: ["::1", unix]}
)",
                              problems);
  REQUIRE(render(problems).empty());
  const std::string shown = dump(s);
  CAPTURE(shown);
  Problems again;
  const Settings reloaded = loadYaml(shown, again);
  CHECK(render(again).empty());
  CHECK(dump(reloaded) == shown);
  CHECK(reloaded.dataDir == "/srv/a: b #c");
  CHECK(reloaded.restic.htpasswdFile == "say \"hi\" \\ there");
  CHECK(reloaded.restic.aclFile == "~");
  CHECK(reloaded.log.accessLog == "-");
}

TEST_CASE("what is shown names the source of every value") {
  const Loaded loaded = loadWith("restic: {append_only: true}\n", {{"COFFER_HTTP_WORKERS", "3"}});
  const std::string shown = showSettings(loaded.settings, loaded.sources);
  CHECK(shown.find("  workers: 3  # COFFER_HTTP_WORKERS\n") != std::string::npos);
  CHECK(shown.find("coffer.yaml:1\n") != std::string::npos);
  CHECK(shown.find("  hash_threads: 2  # default\n") != std::string::npos);
}

TEST_CASE("every setting has its own variable and flag, and is explained") {
  std::set<std::string> names;
  for (const FieldDescription& field : describeFields()) {
    CAPTURE(field.path);
    CHECK(names.insert(field.flag).second);
    CHECK(names.insert(field.environment).second);
    if (field.isSecret) CHECK(names.insert(field.environment + "_FILE").second);
    CHECK(field.flag.starts_with("--"));
    CHECK(field.help.ends_with('.'));
    CHECK_FALSE(field.type.empty());
    CHECK(field.path.starts_with(field.group));
  }
}

TEST_CASE("every default can be given as text and is within its own range") {
  for (const FieldDescription& field : describeFields()) {
    if (field.isSecret || field.path == "listeners") continue;
    CAPTURE(field.path);
    CAPTURE(field.defaultText);
    LoadInput input;
    input.environment = {{field.environment, field.defaultText}};
    const Loaded loaded = load(input);
    CHECK(render(loaded.problems).empty());
    CHECK(dump(loaded.settings) == dump(Settings{}));
  }
}

TEST_CASE("the sample file changes nothing, as it is and uncommented") {
  const std::string sample = sampleFile();
  CHECK(problemsOf(sample).empty());

  std::string uncommented;
  std::size_t start = 0;
  while (start < sample.size()) {
    const auto end = sample.find('\n', start);
    std::string line = sample.substr(start, end - start);
    // Text stands one blank after its #, a setting none, and what goes on below it two or more.
    const auto mark = line.find('#');
    if (mark != std::string::npos && mark == line.find_first_not_of(' ')) {
      const std::string after = line.substr(mark + 1);
      if (!after.starts_with(' ') || after.starts_with("  ")) line.erase(mark, 1);
    }
    uncommented += line + '\n';
    start = end + 1;
  }
  CAPTURE(uncommented);
  Problems problems;
  const Settings settings = loadYaml(uncommented, problems);
  CHECK(render(problems).empty());
  CHECK(dump(settings) == dump(Settings{}));
  CHECK(uncommented.find("\nrestic:\n") != std::string::npos);
}

TEST_CASE("docs/reference/settings.md is what `coffer config reference` prints") {
  std::ifstream in(sourceFolder() + "/docs/reference/settings.md", std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const bool isCurrent = text == referencePage();
  CHECK_MESSAGE(isCurrent, "run: coffer config reference > docs/reference/settings.md");
}
