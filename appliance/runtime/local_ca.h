// SPDX-License-Identifier: BSD-2-Clause
//
// `tls: auto`: an authority of this machine's own, and the certificate that it signs for the
// server. docs/decisions/0006-local-ca.md says why, and what each client needs to trust it.
//
//   <folder>/ca.pem      what clients are told to trust; ten years
//   <folder>/ca.key      0600; whoever has it can pretend to be this server to those clients
//   <folder>/server.pem  397 days, made anew when less than 30 are left or a name is missing
//   <folder>/server.key  0600
//
// Threads: one at a time.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/runtime/certificates.h"

#include <filesystem>
#include <string>
#include <vector>

namespace coffer::runtime {

class LocalCa {
 public:
  // `folder` is made (0700) when it is missing.
  LocalCa(std::filesystem::path folder, const Clock& clock);

  // Makes what is missing, broken, about to expire or not valid for one of `names`. A name that has
  // gone away is no reason. Files are replaced whole and durably, the certificate last. Returns
  // true when the server's certificate is a new one. Throws faults of the disk.
  bool ensure(const HostNames& names);

  std::filesystem::path authorityFile() const { return folder_ / "ca.pem"; }
  std::filesystem::path certificateFile() const { return folder_ / "server.pem"; }
  std::filesystem::path keyFile() const { return folder_ / "server.key"; }
  std::string authorityFingerprint() const { return fingerprint_; }  // After ensure().

  // What to do with ca.pem, client by client; for a person.
  std::vector<std::string> trustInstructions() const;

 private:
  IssuedCertificate ensureAuthority(UnixMicros now);
  IssuedCertificate load(const char* certificate, const char* key) const;
  void store(const IssuedCertificate& pair, const char* certificate, const char* key) const;

  std::filesystem::path folder_;
  const Clock& clock_;
  std::string fingerprint_;
};

}  // namespace coffer::runtime
