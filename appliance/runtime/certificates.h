// SPDX-License-Identifier: BSD-2-Clause
//
// X.509 certificates as the local authority makes and reads them: ECDSA on P-256, SHA-256,
// extensions such that OpenSSL, Go, Node and Chromium accept the chain. PEM in and out.
//
// Failures of OpenSSL are Internal faults; text that is not what it should be is nothing.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/secret.h"

#include <optional>
#include <set>
#include <string>

namespace coffer::runtime {

// DNS names (lower case) and numeric addresses that a server certificate is valid for.
using HostNames = std::set<std::string>;

struct Validity {
  UnixMicros notBefore = 0;
  UnixMicros notAfter = 0;
};

struct IssuedCertificate {
  std::string certificate;  // PEM.
  Secret key;               // PEM, PKCS#8.
};

// What is known of a certificate that is there already.
struct CertificateFacts {
  Validity validity;
  HostNames names;
  std::string fingerprint;  // SHA-256, "AB:CD:…".
};

// A self-signed authority that may sign servers but no other authority.
IssuedCertificate issueAuthority(const std::string& commonName, Validity validity);

// Addresses in their usual spelling, DNS names in lower case; what is neither is left out.
HostNames usableNames(const HostNames& names);

// A server certificate signed by `authority`, for usableNames(names).
IssuedCertificate issueServer(const IssuedCertificate& authority, const HostNames& names,
                              Validity validity);

// Nothing when it is no certificate, or the key is not its key.
std::optional<CertificateFacts> readCertificate(const IssuedCertificate& pair);

// The same of a certificate whose key is not at hand.
std::optional<CertificateFacts> readCertificateAlone(const std::string& certificate);

// True when `authority` has signed `certificate` (both PEM); says nothing about dates.
[[nodiscard]] bool isSignedBy(const std::string& certificate, const std::string& authority);

}  // namespace coffer::runtime
