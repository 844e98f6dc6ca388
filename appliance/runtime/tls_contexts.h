// SPDX-License-Identifier: BSD-2-Clause
//
// The TLS contexts of all listeners: one for each different set of options, since a context costs
// memory, and the local authority for those that name no certificate of their own.
//
// Threads: contextFor() before the server starts; the rest from any thread, one at a time.
#pragma once

#include "appliance/http/tls.h"
#include "appliance/runtime/local_ca.h"
#include "config/settings.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace coffer::runtime {

class TlsContexts {
 public:
  // `folder` is where the local authority lives; it is touched only when a listener needs it.
  // `extraNames` go into its certificate beside the machine's own.
  TlsContexts(std::string folder, std::vector<std::string> extraNames, const Clock& clock);

  // Null for TlsMode::Off. Throws UsageError for files that cannot be used.
  std::shared_ptr<http::TlsContext> contextFor(const config::ListenerTls& tls);

  // Reads every certificate again. A context whose new files cannot be used keeps its old ones; all
  // failures are logged. Returns false when there was one.
  bool reload();

  // Renews the local certificate when it is due and takes it up.
  void checkLocalCertificate();

  // Null while no listener uses the local authority.
  const LocalCa* localCa() const { return localCa_ ? &*localCa_ : nullptr; }
  bool empty() const { return contexts_.empty(); }
  // When the certificate that expires first does so; nothing when there is none.
  std::optional<UnixMicros> earliestExpiry() const;

 private:
  LocalCa& usedLocalCa();
  HostNames names() const;

  std::string folder_;
  std::vector<std::string> extraNames_;
  const Clock& clock_;
  std::optional<LocalCa> localCa_;
  std::map<std::string, std::shared_ptr<http::TlsContext>> contexts_;  // By their options.
};

}  // namespace coffer::runtime
