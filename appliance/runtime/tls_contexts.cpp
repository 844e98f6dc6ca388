// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/tls_contexts.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/runtime/machine_names.h"

#include <algorithm>

namespace coffer::runtime {
namespace {

std::string keyOf(const http::TlsOptions& options) {
  return options.certificateFile + '\n' + options.keyFile + '\n' + options.minimumVersion + '\n' +
         options.clientAuthorityFile + '\n' + (options.clientCertificateRequired ? "1" : "0");
}

}  // namespace

TlsContexts::TlsContexts(std::string folder, std::vector<std::string> extraNames,
                         const Clock& clock)
    : folder_(std::move(folder)), extraNames_(std::move(extraNames)), clock_(clock) {}

std::shared_ptr<http::TlsContext> TlsContexts::contextFor(const config::ListenerTls& tls) {
  if (tls.mode == config::TlsMode::Off) return nullptr;
  http::TlsOptions options;
  if (tls.mode == config::TlsMode::Auto) {
    options.certificateFile = usedLocalCa().certificateFile();
    options.keyFile = usedLocalCa().keyFile();
  } else {
    options.certificateFile = tls.certificate;
    options.keyFile = tls.key;
  }
  options.minimumVersion = tls.minimumVersion == config::TlsVersion::Tls13 ? "1.3" : "1.2";
  options.clientAuthorityFile = tls.clientCa;
  options.clientCertificateRequired = tls.clientCertificateRequired;
  auto& context = contexts_[keyOf(options)];
  if (!context) context = std::make_shared<http::TlsContext>(options);
  return context;
}

bool TlsContexts::reload() {
  bool complete = true;
  for (const auto& [key, context] : contexts_) {
    try {
      context->reload();
    } catch (const UsageError& e) {
      log::error("tls", "kept the old certificate", {{"reason", e.what()}});
      complete = false;
    }
  }
  return complete;
}

void TlsContexts::checkLocalCertificate() {
  if (localCa_ && localCa_->ensure(names())) reload();
}

std::optional<UnixMicros> TlsContexts::earliestExpiry() const {
  std::optional<UnixMicros> earliest;
  for (const auto& [key, context] : contexts_) {
    earliest = std::min(earliest.value_or(context->notAfter()), context->notAfter());
  }
  return earliest;
}

LocalCa& TlsContexts::usedLocalCa() {
  if (!localCa_) {
    localCa_.emplace(folder_, clock_);
    localCa_->ensure(names());
  }
  return *localCa_;
}

HostNames TlsContexts::names() const {
  HostNames all = namesOfThisMachine();
  all.insert(extraNames_.begin(), extraNames_.end());
  return all;
}

}  // namespace coffer::runtime
