// SPDX-License-Identifier: BSD-2-Clause
#include "config/check.h"

#include "config/address.h"
#include "config/check_vault.h"

#include <algorithm>
#include <set>

namespace coffer::config {
namespace {

using Words = std::vector<std::string>;

// Services that can be mounted, and the options of such a mount with their values.
const std::map<std::string, std::map<std::string, Words>>& services() {
  static const std::map<std::string, std::map<std::string, Words>> all = {
      {"vault", {{"casing", {"camel", "pascal"}}}},
      {"restic", {}},
      {"metrics", {}},
      {"health", {}},
  };
  return all;
}

const Words kLogParts = {"config",  "health",  "http", "restic",
                         "runtime", "storage", "tls",  "vault"};

template <typename Map>
Words keysOf(const Map& map) {
  Words keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string quoted(const std::string& text) { return '"' + log::escaped(text) + '"'; }

class Checker {
 public:
  Checker(const Settings& settings, const Sources& sources, Problems& problems)
      : s_(settings), sources_(sources), problems_(problems) {}

  void run() {
    if (s_.dataDir.empty()) error("data_dir", "must name a folder");
    listeners();
    tlsFiles();
    http();
    logs();
    resticUsers();
    resticRights();
    vault();
    metrics();
  }

 private:
  // The place of a setting, or of what it is part of: "listeners[1].mounts" → "listeners[1]".
  std::string placeOf(std::string path) const {
    for (;;) {
      if (const auto at = sources_.find(path); at != sources_.end()) return at->second;
      const auto end = path.find_last_of(".[");
      if (end == std::string::npos) return "default";
      path.resize(end);
    }
  }
  void error(const std::string& path, const std::string& text) {
    problems_.add({Severity::Error, placeOf(path), path, text});
  }
  void warning(const std::string& path, const std::string& text) {
    problems_.add({Severity::Warning, placeOf(path), path, text});
  }

  static std::string nameOf(std::size_t listener) {
    return "listeners[" + std::to_string(listener) + ']';
  }

  // Whether strangers may reach `service` at listener `i`.
  bool isExposed(const ListenerSettings& listener, std::string_view service) const {
    const auto address = parseAddress(listener.address);
    if (!address || address->kind != Address::Kind::Tcp || address->isLocal()) return false;
    return std::any_of(listener.mounts.begin(), listener.mounts.end(),
                       [&](const MountSettings& mount) { return mount.service == service; });
  }
  bool isExposed(std::string_view service) const {
    return std::any_of(s_.listeners.begin(), s_.listeners.end(),
                       [&](const ListenerSettings& each) { return isExposed(each, service); });
  }

  void listeners() {
    if (s_.listeners.empty()) error("listeners", "names nothing to listen on");
    std::set<std::string> addresses;
    for (std::size_t i = 0; i < s_.listeners.size(); ++i) {
      const ListenerSettings& listener = s_.listeners[i];
      const auto address = parseAddress(listener.address);
      if (!address) {
        error(nameOf(i), "cannot listen on " + quoted(listener.address));
        continue;
      }
      const bool isFixed = address->kind != Address::Kind::Tcp || address->port != 0;
      if (isFixed && !addresses.insert(listener.address).second) {
        error(nameOf(i), listener.address + " is listened on twice");
      }
      if (listener.socketMode != 0 && address->kind != Address::Kind::Unix) {
        error(nameOf(i), "socket_mode is for Unix sockets only");
      }
      listenerTls(i);
      mounts(i);
    }
  }

  void listenerTls(std::size_t i) {
    const ListenerSettings& listener = s_.listeners[i];
    if (listener.tls.mode == TlsMode::Off) {
      if (s_.http.trustedProxies.empty() && isExposed(listener, "vault")) {
        warning(nameOf(i), listener.address +
                               " serves the vault without TLS: the official Bitwarden clients "
                               "refuse that, and others can read along");
      }
      return;
    }
    if (listener.tls.clientCertificateRequired && listener.tls.clientCa.empty()) {
      error(nameOf(i), "client certificates are required, but client_ca names no authority");
    }
  }

  void mounts(std::size_t i) {
    std::set<std::string> prefixes;
    for (const MountSettings& mount : s_.listeners[i].mounts) {
      const std::string path = nameOf(i) + ".mounts." + mount.prefix;
      if (!prefixes.insert(mount.prefix).second) error(path, "is mounted twice");
      const auto service = services().find(mount.service);
      if (service == services().end()) {
        error(path, "unknown service " + quoted(mount.service) +
                        suggestion(mount.service, keysOf(services())) + "; there are " +
                        joined(keysOf(services())));
        continue;
      }
      for (const auto& [name, value] : mount.options) {
        const auto option = service->second.find(name);
        if (option == service->second.end()) {
          error(path, "the service " + mount.service + " has no option " + quoted(name) +
                          suggestion(name, keysOf(service->second)));
        } else if (!contains(option->second, value)) {
          error(path,
                name + " must be one of " + joined(option->second) + ", not " + quoted(value));
        }
      }
    }
  }

  static std::string joined(const Words& words) {
    std::string all;
    for (const std::string& word : words) all += all.empty() ? word : ", " + word;
    return all;
  }

  void tlsFiles() {
    const TlsSettings& tls = s_.tls;
    if (tls.certificate.empty() != tls.key.empty()) {
      error(tls.key.empty() ? "tls.certificate" : "tls.key",
            "tls.certificate and tls.key must be given together");
    }
    const bool any = std::any_of(
        s_.listeners.begin(), s_.listeners.end(),
        [](const ListenerSettings& listener) { return listener.tls.mode != TlsMode::Off; });
    if (any) return;
    for (const auto& [path, value] :
         {std::pair{"tls.certificate", &tls.certificate}, std::pair{"tls.key", &tls.key},
          std::pair{"tls.client_ca", &tls.clientCa}}) {
      if (!value->empty()) error(path, "is given, but no listener has TLS");
    }
    if (tls.clientCertificateRequired) {
      error("tls.client_certificate_required", "is set, but no listener has TLS");
    }
  }

  void http() {
    if (s_.http.maxTarget > s_.http.maxHead) {
      error("http.max_target", "is larger than http.max_head");
    }
    for (const std::string& proxy : s_.http.trustedProxies) {
      if (proxy == "unix" || isNetwork(proxy)) continue;
      error("http.trusted_proxies",
            quoted(proxy) + " is no address, no network such as 10.0.0.0/8 and not \"unix\"");
    }
  }

  void logs() {
    for (const auto& [part, level] : s_.log.levels) {
      if (contains(kLogParts, part)) continue;
      error("log.levels", "there is no part " + quoted(part) + suggestion(part, kLogParts) +
                              "; there are " + joined(kLogParts));
    }
    if (!s_.log.file.empty() && s_.log.file == s_.log.accessLog) {
      error("log.access_log", "is the same file as log.file");
    }
  }

  void resticUsers() {
    const ResticSettings& restic = s_.restic;
    const bool byProxy = restic.auth == ResticAuth::Proxy;
    if (byProxy && restic.proxyAuthHeader.empty()) {
      error("restic.auth", "proxy needs restic.proxy_auth_header");
    }
    if (byProxy && s_.http.trustedProxies.empty()) {
      error("restic.auth", "proxy needs http.trusted_proxies: nobody else is believed");
    }
    if (!byProxy && !restic.proxyAuthHeader.empty()) {
      error("restic.proxy_auth_header", "is given, but restic.auth is not proxy");
    }
    if (!isHeaderName(restic.proxyAuthHeader)) {
      error("restic.proxy_auth_header", "is not the name of a header");
    }
    if (restic.auth == ResticAuth::Off && isExposed("restic")) {
      warning("restic.auth", "is off: whoever reaches the listener reads and changes every backup");
    }
    const bool anyAuthority = std::any_of(
        s_.listeners.begin(), s_.listeners.end(),
        [](const ListenerSettings& listener) { return !listener.tls.clientCa.empty(); });
    if (restic.clientCertificates && !anyAuthority) {
      error("restic.client_certificates", "is set, but no listener has a client_ca");
    }
  }

  static bool isHeaderName(std::string_view name) {  // RFC 9110 section 5.6.2; empty is "none".
    constexpr std::string_view token =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";
    return name.find_first_not_of(token) == std::string_view::npos;
  }

  void resticRights() {
    const ResticSettings& restic = s_.restic;
    if (restic.appendOnly && !restic.verifyUploads) {
      warning("restic.verify_uploads",
              "is off in append-only mode: a client can put garbage where an object belongs, and "
              "it cannot be replaced");
    }
    const bool hasRights = !restic.rules.empty() || !restic.aclFile.empty();
    if (restic.auth == ResticAuth::Off && (hasRights || restic.privateRepositories)) {
      warning("restic.auth", "is off, so that rights by user have no effect");
    }
    for (const auto& [user, quota] : restic.userQuotas) {
      if (user.empty() || user.find('/') != std::string::npos) {
        error("restic.user_quotas", quoted(user) + " cannot be the name of a user");
      }
    }
  }

  void vault() {
    checkVault({s_, [this](const std::string& path, const std::string& text) { error(path, text); },
                [this](const std::string& path, const std::string& text) { warning(path, text); },
                isExposed("vault")});
  }

  void metrics() {
    const MetricsAccess access = s_.metrics.access;
    if (access == MetricsAccess::Anyone && isExposed("metrics")) {
      warning("metrics.access", "is anyone: names of users and repositories are public");
    }
    if (access == MetricsAccess::Users && s_.restic.auth == ResticAuth::Off) {
      warning("metrics.access", "is users, but restic.auth is off: anyone may read the metrics");
    }
  }

  const Settings& s_;
  const Sources& sources_;
  Problems& problems_;
};

}  // namespace

void check(const Settings& settings, const Sources& sources, Problems& problems) {
  Checker(settings, sources, problems).run();
}

}  // namespace coffer::config
