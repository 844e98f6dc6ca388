// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/local_ca.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/runtime/machine_names.h"
#include "storage/blobs/durable_file.h"

#include <algorithm>
#include <optional>

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
  const auto [authority, problem] = ensureAuthority(now);
  const auto authorityFacts = readCertificateAlone(authority.certificate);
  fingerprint_ = authorityFacts ? authorityFacts->fingerprint : "";

  const IssuedCertificate current = load("server.pem", "server.key");
  const auto facts = readCertificate(current);
  if (!problem.empty()) {
    const Validity validity = facts ? facts->validity : Validity{};
    keepServing(facts && now >= validity.notBefore && now < validity.notAfter, validity.notAfter,
                problem);
    return false;
  }
  reported_.clear();
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

// Said once, and not at every look.
void LocalCa::keepServing(bool isValid, UnixMicros until, const std::string& problem) {
  if (!isValid) throw UsageError("there is no valid server certificate, and " + problem);
  if (reported_ == problem) return;
  reported_ = problem;
  log::error("tls", "the server certificate cannot be renewed",
             {{"valid_until", formatIsoDate(until)}, {"reason", problem}});
}

LocalCa::Authority LocalCa::ensureAuthority(UnixMicros now) {
  Authority authority = readAuthority();
  const auto facts = readCertificateAlone(authority.pair.certificate);
  if (facts && isDue(facts->validity, now)) {
    // Also without its key: what it could still sign would hardly outlive it.
    log::warning("tls", "the local authority is past its time; clients must trust the new one");
    return {makeAuthority(now), ""};
  }
  if (facts || !authority.problem.empty()) return authority;
  return {makeAuthority(now), ""};
}

// Nothing at all where there is no authority yet.
LocalCa::Authority LocalCa::readAuthority() const {
  const std::string pemFile = authorityFile().string();
  const std::string keyPemFile = (folder_ / "ca.key").string();
  Authority authority;
  std::string reason;
  try {
    const auto certificate = storage::readSmallFile(pemFile, kLargestFile);
    // A key alone is a first start that was cut short, unless something was signed since.
    if (!certificate && !std::filesystem::exists(certificateFile())) return authority;
    authority.pair.certificate = certificate.value_or("");
    auto key = storage::readSmallFile(keyPemFile, kLargestFile);
    const bool hasKey = key.has_value();
    if (!certificate && !hasKey) return authority;
    authority.pair.key = Secret(std::move(key).value_or(""));
    if (!readCertificateAlone(authority.pair.certificate)) {
      reason = pemFile + (certificate ? " is not a certificate" : " is missing");
    } else if (!readCertificate(authority.pair)) {
      reason = keyPemFile + (hasKey ? " is not its key" : " is missing");
    }
  } catch (const Fault& e) {
    reason = e.detail();
  }
  if (reason.empty()) return authority;
  authority.problem = "the local authority cannot sign one: " + reason + "; restore " + pemFile +
                      " and " + keyPemFile +
                      ", or remove both to make a new authority, which every client must then be "
                      "told to trust";
  return authority;
}

IssuedCertificate LocalCa::makeAuthority(UnixMicros now) const {
  // Part of the name is random: a client that knows an earlier authority of this machine tells the
  // two apart.
  const std::string name =
      "Coffer CA " + shortHostName().substr(0, 40) + " " + randomAlphanumeric(6);
  IssuedCertificate authority =
      issueAuthority(name, {now - kBackdate, now - kBackdate + kAuthorityLife});
  store(authority, "ca.pem", "ca.key");
  log::info("tls", "made a local certificate authority", {{"file", authorityFile().string()}});
  return authority;
}

IssuedCertificate LocalCa::load(const char* certificate, const char* key) const {
  return {storage::readSmallFile((folder_ / certificate).string(), kLargestFile).value_or(""),
          Secret(storage::readSmallFile((folder_ / key).string(), kLargestFile).value_or(""))};
}

// A crash between the two leaves a server's pair that does not match, which the next ensure()
// replaces, or an authority's key without a certificate, or one beside a certificate that is past
// its time, which are both no authority yet.
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
      "  restic:             restic --cacert " + file + " …   (newer ones: RESTIC_CACERT)",
      "  curl, Prometheus:   curl --cacert " + file + " …; tls_config: {ca_file: " + file + "}",
      "  Debian, system:     cp " + file +
          " /usr/local/share/ca-certificates/coffer.crt && update-ca-certificates",
      "  browsers, phones:   copy the file over and install it as a trusted authority",
  };
}

}  // namespace coffer::runtime
