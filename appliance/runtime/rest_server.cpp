// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/rest_server.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/unique_fd.h"
#include "appliance/http/listener.h"
#include "appliance/runtime/appliance.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/rest_server_flags.h"
#include "appliance/runtime/standard_error.h"
#include "appliance/runtime/tls_contexts.h"
#include "config/address.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <iostream>

namespace coffer::runtime {
namespace {

using config::ResticAuth;

config::ResticAuth authOf(const RestServerFlags& flags) {
  if (flags.noAuth) return ResticAuth::Off;
  return flags.proxyAuthUsername.empty() ? ResticAuth::Htpasswd : ResticAuth::Proxy;
}

config::ListenerSettings listenerOf(const RestServerFlags& flags, bool isHandedOver) {
  config::ListenerSettings listener;
  // To rest-server every IPv4 address means every address.
  const bool isEveryAddress = flags.listen.starts_with("0.0.0.0:");
  listener.address = isHandedOver     ? "systemd"
                     : isEveryAddress ? flags.listen.substr(flags.listen.find(':'))
                                      : flags.listen;
  listener.tls.mode = flags.tls ? config::TlsMode::Files : config::TlsMode::Off;
  listener.tls.certificate = flags.tlsCert.empty() ? flags.path + "/public_key" : flags.tlsCert;
  listener.tls.key = flags.tlsKey.empty() ? flags.path + "/private_key" : flags.tlsKey;
  listener.tls.minimumVersion =
      flags.tlsMinVer == "1.3" ? config::TlsVersion::Tls13 : config::TlsVersion::Tls12;
  listener.mounts = {{"/", "restic", {}}};
  return listener;
}

Persona personaOf(const RestServerFlags& flags) {
  return flags.prometheus ? Persona::RestServerWithMetrics : Persona::RestServer;
}

config::MetricsAccess metricsAccess(const RestServerFlags& flags) {
  return flags.noAuth || flags.prometheusNoAuth ? config::MetricsAccess::Anyone
                                                : config::MetricsAccess::Users;
}

config::Settings settingsOf(const RestServerFlags& flags, bool isHandedOver) {
  config::Settings settings;
  settings.dataDir = flags.path;
  settings.listeners = {listenerOf(flags, isHandedOver)};
  // rest-server has neither a limit for the stop nor for a client's connections.
  settings.http.shutdownDeadline = std::chrono::hours(24);
  settings.http.maxConnectionsPerAddress = settings.http.maxConnections;
  settings.log.level = flags.debug ? log::Level::Debug : log::Level::Info;
  settings.log.accessLog = flags.log;
  settings.metrics.access = metricsAccess(flags);

  config::ResticSettings& restic = settings.restic;
  restic.path = flags.path;
  restic.auth = authOf(flags);
  restic.htpasswdFile = flags.htpasswdFile;
  restic.proxyAuthHeader = flags.proxyAuthUsername;
  restic.credentialCache = std::chrono::seconds(60);
  restic.appendOnly = flags.appendOnly;
  restic.privateRepositories = flags.privateRepos && !flags.noAuth;
  restic.maxSize = {flags.maxSize > 0 ? static_cast<std::uint64_t>(flags.maxSize) : 0};
  restic.groupAccessible = flags.groupAccessibleRepos;
  restic.followLinks = true;
  restic.verifyUploads = !flags.noVerifyUpload;
  return settings;
}

void saySwitch(const char* name, bool isOn) {
  sayLine(std::string(name) + (isOn ? " enabled" : " disabled"));
}

void sayAuthentication(const RestServerFlags& flags) {
  switch (authOf(flags)) {
    case ResticAuth::Off:
      return sayLine("Authentication disabled");
    case ResticAuth::Proxy:
      return sayLine("Proxy Authentication enabled.");
    case ResticAuth::Htpasswd:
      return sayLine("Authentication enabled");
  }
}

void requireAddress(const RestServerFlags& flags, bool isHandedOver) {
  if (isHandedOver || config::parseAddress(flags.listen)) return;
  throw UsageError("unable to listen: listen on " + flags.listen +
                   " failed: " + reasonAgainstAddress(flags.listen));
}

// rest-server's own log is the messages alone.
void configureLog(const RestServerFlags& flags) {
  log::Options options;
  options.format = log::Format::Plain;
  options.level = flags.debug ? log::Level::Debug : log::Level::Info;
  options.partLevels["tls"] = log::Level::Debug;  // Failed handshakes, which rest-server tells of.
  log::configure(options);
}

// What Go's logger puts before a line until the flags have been read.
std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y/%m/%d %H:%M:%S ", &parts)};
}

void sayStarted(const std::string& address, const config::ListenerSettings& listener) {
  sayLine(listener.address == "systemd" ? "systemd socket activation mode"
                                        : "start server on " + address);
  if (listener.tls.mode == config::TlsMode::Off) return;
  sayLine("TLS enabled, private key " + listener.tls.key + ", pubkey " + listener.tls.certificate);
}

void start(Appliance& appliance, const RestServerFlags& flags, bool isHandedOver) {
  try {
    appliance.start();
  } catch (const UsageError& e) {
    throw UsageError(std::string("unable to listen: ") + e.what());
  }
  sayStarted(appliance.listeners().front().address, listenerOf(flags, isHandedOver));
}

// Why the key pair cannot be used; empty when it can, or when none is asked for.
std::string problemOf(const config::ListenerTls& tls) {
  if (tls.mode == config::TlsMode::Off) return {};
  for (const std::string& file : {tls.certificate, tls.key}) {
    if (!UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC))) {
      return "open " + file + ": " + toLowerAscii(std::strerror(errno));
    }
  }
  try {
    TlsContexts("", {}, SystemClock()).contextFor(tls);
  } catch (const UsageError& e) {
    return e.what();
  }
  return {};
}

// rest-server looks at the key pair last of all, with its socket already open. Nobody is served.
int endWithoutKeyPair(const config::ListenerSettings& listener, const std::string& problem) {
  std::string address;
  const auto wanted = config::parseAddress(listener.address);
  if (wanted && wanted->kind != config::Address::Kind::Systemd) {
    try {
      address =
          http::openListener({wanted->host, wanted->port, wanted->path, 0, {}}, true).bound.address;
    } catch (const UsageError& e) {
      throw UsageError(std::string("unable to listen: ") + e.what());
    }
  }
  sayStarted(address, listener);
  sayLine("listen and serve returned err: " + problem);
  return 1;
}

int serveUntilSignal(const RestServerFlags& flags) {
  const ServiceManager manager = ServiceManager::fromEnvironment();
  auto inherited = takeInheritedSockets();
  if (inherited.size() > 1) {
    throw UsageError("got " + std::to_string(inherited.size()) +
                     " listeners from systemd, expected one");
  }
  const bool isHandedOver = !inherited.empty();
  blockSignals();
  configureLog(flags);
  checkRestServerFlags(flags);

  sayLine("Data directory: " + flags.path);
  if (!flags.cpuProfile.empty())
    sayLine("CPU profiling is not available, --cpu-profile is ignored");
  sayAuthentication(flags);
  config::Settings settings = settingsOf(flags, isHandedOver);
  requireAddress(flags, isHandedOver);
  const config::ListenerSettings listener = settings.listeners.front();
  const std::string tlsProblem = problemOf(listener.tls);
  if (!tlsProblem.empty()) settings.listeners.front().tls.mode = config::TlsMode::Off;
  Appliance appliance(std::move(settings), personaOf(flags), std::move(inherited));
  appliance.prepare();
  saySwitch("Append only mode", flags.appendOnly);
  saySwitch("Private repositories", flags.privateRepos);
  saySwitch("Group accessible repos", flags.groupAccessibleRepos);
  // Never started, so the listener that lost its TLS is never open.
  if (!tlsProblem.empty()) return endWithoutKeyPair(listener, tlsProblem);
  appliance.watch(manager);
  start(appliance, flags, isHandedOver);
  manager.ready("serving");

  while (waitForSignal() == Signal::Reload) {
    manager.reloading();
    appliance.reload();
    manager.ready("serving");
  }
  manager.stopping();
  appliance.stop();
  sayLine("shutdown cleanly");
  return 0;
}

}  // namespace

int restServer(const std::vector<std::string>& arguments) {
  RestServerFlags flags;
  try {
    flags = parseRestServerFlags(arguments);
  } catch (const UsageError& e) {
    sayLine(timestamp() + "error: " + e.what());
    return 1;
  }
  if (flags.help) {
    std::cout << restServerHelp();
    return 0;
  }
  if (flags.version) {
    std::cout << restServerVersion() << "\n\n";
    return 0;
  }
  return serveUntilSignal(flags);
}

}  // namespace coffer::runtime
