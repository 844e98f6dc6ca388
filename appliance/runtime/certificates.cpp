// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/certificates.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <ctime>
#include <memory>

namespace coffer::runtime {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

void require(bool done, const char* what) {
  if (done) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw Fault(FaultKind::Internal, "certificate", std::string(what) + ": " + reason.data());
}

Bio bioOver(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  require(bio != nullptr, "BIO_new_mem_buf");
  return bio;
}

std::string contentsOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string toPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
  return contentsOf(bio.get());
}

Secret toPem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  require(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1,
          "PEM_write_bio_PKCS8PrivateKey");
  return Secret(contentsOf(bio.get()));
}

Certificate parseCertificate(const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(bioOver(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

Key parseKey(const Secret& pem) {
  // An empty pass phrase: an encrypted key is refused instead of asked about on the terminal.
  char none[] = "";
  Key key(PEM_read_bio_PrivateKey(bioOver(pem.reveal()).get(), nullptr, nullptr, none));
  ERR_clear_error();
  return key;
}

void setSerial(X509* certificate) {
  // 127 random bits: positive, never zero, well below the limit of 20 octets.
  std::string bytes = randomBytes(16);
  bytes[0] = static_cast<char>((bytes[0] & 0x7F) | 0x01);
  const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), nullptr));
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)),
          "serial number");
}

void setValidity(X509* certificate, Validity validity) {
  require(ASN1_TIME_set(X509_getm_notBefore(certificate), validity.notBefore / kSecond) &&
              ASN1_TIME_set(X509_getm_notAfter(certificate), validity.notAfter / kSecond),
          "validity");
}

void setSubject(X509* certificate, const std::string& commonName) {
  // X.520 allows a common name 64 characters.
  const std::string name = commonName.substr(0, 64);
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(name.data()),
                                     static_cast<int>(name.size()), -1, 0) == 1,
          "subject");
}

void addExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

[[nodiscard]] bool isDnsName(const std::string& name) {
  if (name.empty() || name.size() > 253 || name.front() == '.' || name.front() == '-') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.*") == std::string::npos &&
         name.find("..") == std::string::npos;
}

std::string addressBytes(const std::string& text) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

std::string addressText(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (bytes.size() != 4 && bytes.size() != 16) return {};
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

// The name is built as a value, never spliced into OpenSSL's configuration language.
void addName(GENERAL_NAMES* names, const std::string& name) {
  const std::string address = addressBytes(name);
  const std::string& value = address.empty() ? name : address;
  const int type = address.empty() ? GEN_DNS : GEN_IPADD;
  ASN1_STRING* text =
      ASN1_STRING_type_new(address.empty() ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING);
  require(text && ASN1_STRING_set(text, value.data(), static_cast<int>(value.size())) == 1, "name");
  GENERAL_NAME* entry = GENERAL_NAME_new();
  require(entry != nullptr, "GENERAL_NAME_new");
  GENERAL_NAME_set0_value(entry, type, text);
  require(sk_GENERAL_NAME_push(names, entry) > 0, "name");
}

void addAlternativeNames(X509* certificate, const HostNames& hosts) {
  const Names names(GENERAL_NAMES_new());
  require(names != nullptr, "GENERAL_NAMES_new");
  for (const std::string& host : usableNames(hosts)) addName(names.get(), host);
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1,
          "subjectAltName");
}

HostNames alternativeNames(X509* certificate) {
  HostNames hosts;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                 static_cast<std::size_t>(ASN1_STRING_length(value)));
    hosts.insert(type == GEN_DNS ? std::string(bytes) : addressText(bytes));
  }
  return hosts;
}

UnixMicros toMicros(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<UnixMicros>(::timegm(&parts)) * kSecond;
}

std::string fingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  require(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "X509_digest");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    if (i > 0) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

CertificateFacts factsOf(X509* certificate) {
  return {{toMicros(X509_get0_notBefore(certificate)), toMicros(X509_get0_notAfter(certificate))},
          alternativeNames(certificate),
          fingerprintOf(certificate)};
}

Certificate newCertificate(EVP_PKEY* key, const std::string& commonName, Validity validity) {
  Certificate certificate(X509_new());
  require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1, "X509_new");
  setSerial(certificate.get());
  setValidity(certificate.get(), validity);
  setSubject(certificate.get(), commonName);
  require(X509_set_pubkey(certificate.get(), key) == 1, "X509_set_pubkey");
  return certificate;
}

Key newKey() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "EVP_EC_gen");
  return key;
}

}  // namespace

HostNames usableNames(const HostNames& names) {
  HostNames usable;
  for (const std::string& name : names) {
    const std::string address = addressBytes(name);
    const std::string lower = toLowerAscii(name);
    if (!address.empty()) {
      usable.insert(addressText(address));
    } else if (isDnsName(lower)) {
      usable.insert(lower);
    }
  }
  return usable;
}

IssuedCertificate issueAuthority(const std::string& commonName, Validity validity) {
  const Key key = newKey();
  const Certificate authority = newCertificate(key.get(), commonName, validity);
  X509* x = authority.get();
  require(X509_set_issuer_name(x, X509_get_subject_name(x)) == 1, "issuer");
  addExtension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  addExtension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign");
  addExtension(x, x, NID_subject_key_identifier, "hash");
  addExtension(x, x, NID_authority_key_identifier, "keyid:always");
  require(X509_sign(x, key.get(), EVP_sha256()) > 0, "X509_sign");
  return {toPem(x), toPem(key.get())};
}

IssuedCertificate issueServer(const IssuedCertificate& authority, const HostNames& names,
                              Validity validity) {
  const Certificate issuer = parseCertificate(authority.certificate);
  const Key issuerKey = parseKey(authority.key);
  require(issuer && issuerKey, "local authority");
  const Key key = newKey();
  const Certificate server = newCertificate(key.get(), "Coffer", validity);
  X509* x = server.get();
  require(X509_set_issuer_name(x, X509_get_subject_name(issuer.get())) == 1, "issuer");
  addExtension(x, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  addExtension(x, issuer.get(), NID_key_usage, "critical,digitalSignature");
  addExtension(x, issuer.get(), NID_ext_key_usage, "serverAuth");
  addExtension(x, issuer.get(), NID_subject_key_identifier, "hash");
  addExtension(x, issuer.get(), NID_authority_key_identifier, "keyid:always");
  addAlternativeNames(x, names);
  require(X509_sign(x, issuerKey.get(), EVP_sha256()) > 0, "X509_sign");
  return {toPem(x), toPem(key.get())};
}

std::optional<CertificateFacts> readCertificate(const IssuedCertificate& pair) {
  const Certificate certificate = parseCertificate(pair.certificate);
  const Key key = parseKey(pair.key);
  if (!certificate || !key) return std::nullopt;
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return factsOf(certificate.get());
}

std::optional<CertificateFacts> readCertificateAlone(const std::string& pem) {
  const Certificate certificate = parseCertificate(pem);
  if (!certificate) return std::nullopt;
  return factsOf(certificate.get());
}

bool isSignedBy(const std::string& certificate, const std::string& authority) {
  const Certificate subject = parseCertificate(certificate);
  const Certificate issuer = parseCertificate(authority);
  if (!subject || !issuer) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.get());
  const bool valid = key && X509_verify(subject.get(), key) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace coffer::runtime
