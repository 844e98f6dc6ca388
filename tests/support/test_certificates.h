// SPDX-License-Identifier: BSD-2-Clause
//
// Certificates made while a test runs: an authority that signs itself, and leaves that it signs.
// ECDSA on P-256, valid for the span a test asks for.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace coffer::testing {

using KeyPointer = std::shared_ptr<EVP_PKEY>;
using CertificatePointer = std::shared_ptr<X509>;

struct Identity {
  KeyPointer key;
  CertificatePointer certificate;
};

struct Validity {
  long fromSeconds = -3600;  // Relative to now.
  long untilSeconds = 3600;
};

inline KeyPointer makeKey() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

namespace detail {

inline void addExtension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  if (extension == nullptr) throw std::runtime_error("bad extension in a test certificate");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace detail

// `issuer` null: an authority that signs itself. Every leaf is good for localhost and 127.0.0.1.
inline Identity makeIdentity(const std::string& commonName, const Identity* issuer = nullptr,
                             Validity validity = {}) {
  static long serial = 1000;
  Identity made{makeKey(), {X509_new(), &X509_free}};
  X509* certificate = made.certificate.get();
  X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), validity.fromSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), validity.untilSeconds);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(commonName.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  if (issuer == nullptr) {
    detail::addExtension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    detail::addExtension(certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    detail::addExtension(certificate, signer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    detail::addExtension(certificate, signer, NID_ext_key_usage, "serverAuth,clientAuth");
  }
  EVP_PKEY* signingKey = issuer == nullptr ? made.key.get() : issuer->key.get();
  if (X509_sign(certificate, signingKey, EVP_sha256()) == 0) {
    throw std::runtime_error("a test certificate could not be signed");
  }
  return made;
}

namespace detail {

template <typename Write>
void writePem(const std::string& path, Write write) {
  BIO* out = BIO_new(BIO_s_mem());
  write(out);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::ofstream(path, std::ios::binary).write(data, size);
  BIO_free(out);
}

}  // namespace detail

inline void writeCertificate(const std::string& path, const Identity& identity) {
  detail::writePem(path, [&](BIO* out) { PEM_write_bio_X509(out, identity.certificate.get()); });
}

// With a passphrase the key is encrypted.
inline void writeKey(const std::string& path, const Identity& identity,
                     const std::string& passphrase = {}) {
  detail::writePem(path, [&](BIO* out) {
    const bool sealed = !passphrase.empty();
    PEM_write_bio_PKCS8PrivateKey(out, identity.key.get(), sealed ? EVP_aes_256_cbc() : nullptr,
                                  sealed ? passphrase.data() : nullptr,
                                  static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

}  // namespace coffer::testing
