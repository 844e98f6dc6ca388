// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/local_ca.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/runtime/machine_names.h"
#include "storage/blobs/durable_file.h"

#include <algorithm>

namespace coffer::runtime {
namespace {

constexpr UnixMicros kAuthorityLife = 3650 * kDay;
constexpr UnixMicros kServerLife = 397 * kDay;  // Browsers refuse more than 398.
constexpr UnixMicros kRenewBefore = 30 * kDay;
constexpr UnixMicros kBackdate = 1 * kDay;  // Clients whose clock is a little behind.
constexpr std::size_t kLargestFile = 64 * 1024;

// A board without a battery may start in 1970. What it issues then has to be valid when its clock
// has been set, so no certificate begins before this program existed (1 January 2026).
constexpr UnixMicros kEarliestNow = 1'767'225'600 * kSecond;

bool isDue(const Validity& validity, UnixMicros now) {
  return now < validity.notBefore || now > validity.notAfter - kRenewBefore;
}

}  // namespace

LocalCa::LocalCa(std::filesystem::path folder, const Clock& clock)
    : folder_(std::move(folder)), clock_(clock) {
  storage::makeDirectoriesDurably(folder_.string(), 0700);
}

bool LocalCa::ensure(const HostNames& wanted) {
  const HostNames names = usableNames(wanted);
  const UnixMicros now = std::max(clock_.now(), kEarliestNow);
  const IssuedCertificate authority = ensureAuthority(now);
  const auto authorityFacts = readCertificate(authority);
  if (authorityFacts) fingerprint_ = authorityFacts->fingerprint;

  const IssuedCertificate current = load("server.pem", "server.key");
  const auto facts = readCertificate(current);
  const bool covers =
      facts && std::includes(facts->names.begin(), facts->names.end(), names.begin(), names.end());
  if (covers && !isDue(facts->validity, now) &&
      isSignedBy(current.certificate, authority.certificate)) {
    return false;
  }
  Validity validity{now - kBackdate, now - kBackdate + kServerLife};
  if (authorityFacts) {
    validity.notAfter = std::min(validity.notAfter, authorityFacts->validity.notAfter);
  }
  store(issueServer(authority, names, validity), "server.pem", "server.key");
  log::info("tls", "made a server certificate",
            {{"file", certificateFile().string()},
             {"valid_until", formatIsoDate(validity.notAfter)},
             {"names", static_cast<std::uint64_t>(names.size())}});
  return true;
}

IssuedCertificate LocalCa::ensureAuthority(UnixMicros now) {
  IssuedCertificate authority = load("ca.pem", "ca.key");
  const auto facts = readCertificate(authority);
  if (facts && !isDue(facts->validity, now)) return authority;
  if (facts)
    log::warning("tls", "the local authority is past its time; clients must trust the new one");
  // Part of the name is random: a client that knows an earlier authority of this machine tells the
  // two apart.
  const std::string name =
      "Coffer CA " + shortHostName().substr(0, 40) + " " + randomAlphanumeric(6);
  authority = issueAuthority(name, {now - kBackdate, now - kBackdate + kAuthorityLife});
  store(authority, "ca.pem", "ca.key");
  log::info("tls", "made a local certificate authority", {{"file", authorityFile().string()}});
  return authority;
}

IssuedCertificate LocalCa::load(const char* certificate, const char* key) const {
  return {storage::readSmallFile((folder_ / certificate).string(), kLargestFile).value_or(""),
          Secret(storage::readSmallFile((folder_ / key).string(), kLargestFile).value_or(""))};
}

// A crash between the two leaves a pair that does not match, which the next ensure() replaces.
void LocalCa::store(const IssuedCertificate& pair, const char* certificate, const char* key) const {
  storage::replaceFileDurably((folder_ / key).string(), pair.key.reveal(), 0600);
  storage::replaceFileDurably((folder_ / certificate).string(), pair.certificate, 0644);
}

std::vector<std::string> LocalCa::trustInstructions() const {
  const std::string file = authorityFile().string();
  return {
      "local CA: " + file,
      "  SHA-256 " + fingerprint_,
      "  Bitwarden CLI:      export NODE_EXTRA_CA_CERTS=" + file,
      "  restic:             restic --cacert " + file + " …   (or RESTIC_CACERT)",
      "  curl, Prometheus:   curl --cacert " + file + " …; tls_config: {ca_file: " + file + "}",
      "  Debian, system:     cp " + file +
          " /usr/local/share/ca-certificates/coffer.crt && update-ca-certificates",
      "  browsers, phones:   copy the file over and install it as a trusted authority",
  };
}

}  // namespace coffer::runtime
