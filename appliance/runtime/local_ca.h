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
// An authority that clients trust is never replaced before its time. When its key is missing (kept
// elsewhere by a careful owner) or cannot be used, the server's certificate is served for as long
// as it is valid, and the log says what to do.
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
  // true when the server's certificate is a new one. Throws faults of the disk, and UsageError when
  // there is no valid server certificate and the authority cannot sign one.
  bool ensure(const HostNames& names);

  std::filesystem::path authorityFile() const { return folder_ / "ca.pem"; }
  std::filesystem::path certificateFile() const { return folder_ / "server.pem"; }
  std::filesystem::path keyFile() const { return folder_ / "server.key"; }
  std::string authorityFingerprint() const { return fingerprint_; }  // After ensure().

  // What to do with ca.pem, client by client; for a person.
  std::vector<std::string> trustInstructions() const;

 private:
  // An authority that can sign, made anew where there is none; or why it cannot.
  struct Authority {
    IssuedCertificate pair;
    std::string problem;  // Empty: it can sign.
  };
  Authority ensureAuthority(UnixMicros now);
  Authority readAuthority() const;
  IssuedCertificate makeAuthority(UnixMicros now) const;
  void keepServing(bool isValid, UnixMicros until, const std::string& problem);
  IssuedCertificate load(const char* certificate, const char* key) const;
  void store(const IssuedCertificate& pair, const char* certificate, const char* key) const;

  std::filesystem::path folder_;
  const Clock& clock_;
  std::string fingerprint_;
  std::string reported_;  // The problem that the log knows of already.
};

}  // namespace coffer::runtime
