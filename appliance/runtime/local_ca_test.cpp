// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/local_ca.h"

#include "appliance/base/fault.h"
#include "appliance/runtime/machine_names.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace coffer;
using namespace coffer::runtime;
using coffer::tests::TempFolder;

namespace {

std::string contentsOf(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

X509* readPem(const std::filesystem::path& file) {
  BIO* bio = BIO_new_file(file.c_str(), "r");
  REQUIRE(bio != nullptr);
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  REQUIRE(certificate != nullptr);
  return certificate;
}

// What OpenSSL says to a client that trusts only the authority and connects to `host` at `time`.
int verify(const LocalCa& ca, const std::string& host, UnixMicros time) {
  X509* server = readPem(ca.certificateFile());
  X509* authority = readPem(ca.authorityFile());
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, authority);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, server, nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(parameters, time / kSecond);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  }
  const int result = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(authority);
  X509_free(server);
  return result;
}

mode_t modeOf(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

const HostNames kNames{"localhost", "box", "box.local", "127.0.0.1", "::1", "2001:db8::5"};

}  // namespace

TEST_CASE("a client that trusts the local authority accepts the server by name and by address") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(std::filesystem::path(folder.path()) / "tls", clock);
  CHECK(ca.ensure(kNames));
  for (const auto& host : kNames) {
    CAPTURE(host);
    CHECK(verify(ca, host, clock.now()) == X509_V_OK);
  }
  CHECK(verify(ca, "box", clock.now() + 360 * kDay) == X509_V_OK);
  CHECK(verify(ca, "other", clock.now()) == X509_V_ERR_HOSTNAME_MISMATCH);
  CHECK(verify(ca, "192.0.2.1", clock.now()) == X509_V_ERR_IP_ADDRESS_MISMATCH);
  CHECK(verify(ca, "box", clock.now() + 398 * kDay) == X509_V_ERR_CERT_HAS_EXPIRED);

  CHECK(modeOf(std::filesystem::path(folder.path()) / "tls") == 0700);
  CHECK(modeOf(ca.keyFile()) == 0600);
  CHECK(modeOf(std::filesystem::path(folder.path()) / "tls/ca.key") == 0600);
  CHECK(ca.authorityFingerprint().size() == 95);
}

TEST_CASE("the server's certificate lives less than 398 days and can sign nothing") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  X509* server = readPem(ca.certificateFile());
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(server), X509_get0_notAfter(server));
  CHECK(days == 397);
  CHECK(X509_check_ca(server) == 0);
  CHECK((X509_get_key_usage(server) & KU_KEY_CERT_SIGN) == 0);
  CHECK(X509_get_extended_key_usage(server) == XKU_SSL_SERVER);
  X509_free(server);
  X509* authority = readPem(ca.authorityFile());
  CHECK(X509_check_ca(authority) == 1);
  CHECK(X509_get_pathlen(authority) == 0);
  CHECK(X509_get0_subject_key_id(authority) != nullptr);
  X509_free(authority);
}

TEST_CASE("the certificate is renewed in its last thirty days, the authority stays") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  const auto authority = contentsOf(ca.authorityFile());
  const auto first = contentsOf(ca.certificateFile());
  CHECK_FALSE(ca.ensure(kNames));
  clock.advance(365 * kDay);
  CHECK_FALSE(ca.ensure(kNames));
  CHECK(contentsOf(ca.certificateFile()) == first);
  clock.advance(2 * kDay);
  CHECK(ca.ensure(kNames));
  CHECK(contentsOf(ca.certificateFile()) != first);
  CHECK(contentsOf(ca.authorityFile()) == authority);
  CHECK(verify(ca, "box", clock.now() + 300 * kDay) == X509_V_OK);
}

TEST_CASE("a new name makes a new certificate, a name that went away does not") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  CHECK_FALSE(ca.ensure({"box"}));
  CHECK(ca.ensure({"box", "10.0.0.7"}));
  CHECK(verify(ca, "10.0.0.7", clock.now()) == X509_V_OK);
  // Text that is neither a name nor an address is left out, and does not stop the rest.
  CHECK(ca.ensure({"Laptop", "DNS:evil, IP:1.2.3.4"}));
  CHECK_FALSE(ca.ensure({"LAPTOP", "DNS:evil, IP:1.2.3.4"}));
  CHECK(verify(ca, "1.2.3.4", clock.now()) == X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST_CASE("files that are missing, damaged or do not belong together are replaced") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  SUBCASE("the server's key is gone") { std::filesystem::remove(ca.keyFile()); }
  SUBCASE("the server's certificate is garbage") { std::ofstream(ca.certificateFile()) << "x"; }
  SUBCASE("the key is another one") {
    std::filesystem::copy_file(std::filesystem::path(folder.path()) / "ca.key", ca.keyFile(),
                               std::filesystem::copy_options::overwrite_existing);
  }
  SUBCASE("the authority is gone") {
    std::filesystem::remove(std::filesystem::path(folder.path()) / "ca.key");
    std::filesystem::remove(ca.authorityFile());
  }
  CHECK(ca.ensure(kNames));
  CHECK(verify(ca, "box", clock.now()) == X509_V_OK);
}

TEST_CASE("an authority whose key is away or useless is kept, and what it signed is served") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  const std::filesystem::path key = std::filesystem::path(folder.path()) / "ca.key";
  const auto authority = contentsOf(ca.authorityFile());
  const auto server = contentsOf(ca.certificateFile());
  const auto rightKey = contentsOf(key);
  std::filesystem::remove(key);
  SUBCASE("moved off the box") {}
  SUBCASE("garbage") { std::ofstream(key) << "x"; }
  SUBCASE("empty") { std::ofstream(key) << ""; }
  SUBCASE("another one") { std::filesystem::copy_file(ca.keyFile(), key); }
  SUBCASE("not to be read") { std::filesystem::create_directory(key); }
  const auto fingerprint = ca.authorityFingerprint();

  CHECK_FALSE(ca.ensure(kNames));
  CHECK_FALSE(ca.ensure({"a-new-name"}));
  clock.advance(390 * kDay);  // Due for renewal, and valid.
  CHECK_FALSE(ca.ensure(kNames));
  CHECK(ca.authorityFingerprint() == fingerprint);
  CHECK(contentsOf(ca.certificateFile()) == server);

  clock.advance(10 * kDay);
  CHECK_THROWS_WITH_AS(ca.ensure(kNames), doctest::Contains("or remove both"), UsageError);
  CHECK(contentsOf(ca.authorityFile()) == authority);

  std::filesystem::remove_all(key);
  std::ofstream(key) << rightKey;
  CHECK(ca.ensure(kNames));
  CHECK(contentsOf(ca.authorityFile()) == authority);
  CHECK(verify(ca, "box", clock.now()) == X509_V_OK);
}

TEST_CASE("an authority that lost its certificate is not replaced behind its clients' backs") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  const std::filesystem::path key = std::filesystem::path(folder.path()) / "ca.key";
  const auto before = contentsOf(key);
  std::filesystem::remove(ca.authorityFile());
  SUBCASE("missing") {}
  SUBCASE("garbage") { std::ofstream(ca.authorityFile()) << "x"; }
  CHECK_FALSE(ca.ensure(kNames));
  CHECK(contentsOf(key) == before);
  std::filesystem::remove(ca.certificateFile());
  std::filesystem::remove(ca.authorityFile());
  CHECK(ca.ensure(kNames));  // A key and nothing else: a first start that was cut short.
  CHECK(verify(ca, "box", clock.now()) == X509_V_OK);
}

TEST_CASE("a clock that was never set does not make a certificate that has expired when it is") {
  const TempFolder folder;
  FakeClock clock(0);
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  CHECK(verify(ca, "box", 1'770'000'000 * kSecond) == X509_V_OK);
}

TEST_CASE("an authority near its end is replaced, and what it signed with it") {
  const TempFolder folder;
  FakeClock clock;
  LocalCa ca(folder.path(), clock);
  ca.ensure(kNames);
  clock.advance(3640 * kDay);
  CHECK(ca.ensure(kNames));
  CHECK(verify(ca, "box", clock.now()) == X509_V_OK);
}

TEST_CASE("only lasting IPv6 addresses are named") {
  const std::string address = "20010db8000000000000000000000005";
  CHECK(lastingAddressOf(address + " 02 40 00 80     eth0") == "2001:db8::5");
  CHECK(lastingAddressOf(address + " 02 40 00 01     eth0").empty());  // Temporary.
  CHECK(lastingAddressOf(address + " 02 40 00 20     eth0").empty());  // Deprecated.
  CHECK(lastingAddressOf("fe800000000000000000000000000001 02 40 20 80 eth0").empty());
  CHECK(lastingAddressOf("20010db8 02 40 00 80 eth0").empty());
  CHECK(lastingAddressOf("").empty());
  CHECK(namesOfThisMachine().contains("127.0.0.1"));
}
