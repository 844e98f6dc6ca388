// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_schema.h"

namespace coffer::vault {
namespace {

constexpr Member kLogin[] = {
    {"uris", MemberKind::Uris},
    {"username"},
    {"password", MemberKind::Sealed, 5000},
    {"passwordRevisionDate", MemberKind::Date},
    {"totp"},
    {"autofillOnPageLoad", MemberKind::Flag},
    {"fido2Credentials", MemberKind::Credentials},
};

constexpr Member kSecureNote[] = {{"type", MemberKind::NoteType}};

constexpr Member kCard[] = {{"cardholderName"}, {"brand"},   {"number"},
                            {"expMonth"},       {"expYear"}, {"code"}};

constexpr Member kIdentity[] = {{"title"},          {"firstName"},    {"middleName"}, {"lastName"},
                                {"address1"},       {"address2"},     {"address3"},   {"city"},
                                {"state"},          {"postalCode"},   {"country"},    {"company"},
                                {"email"},          {"phone"},        {"ssn"},        {"username"},
                                {"passportNumber"}, {"licenseNumber"}};

// A private key of RSA-4096 is some 4,600 characters of ciphertext, one of RSA-16384 some 18,000.
constexpr Member kSshKey[] = {{"privateKey", MemberKind::Sealed, 20'000},
                              {"publicKey", MemberKind::Sealed, 5000},
                              {"keyFingerprint"}};

constexpr Member kBankAccount[] = {
    {"bankName"},     {"nameOnAccount"}, {"accountType"}, {"accountNumber"}, {"routingNumber"},
    {"branchNumber"}, {"pin"},           {"swiftCode"},   {"iban"},          {"bankContactPhone"}};

constexpr Member kDriversLicense[] = {{"firstName"},        {"middleName"},    {"lastName"},
                                      {"dateOfBirth"},      {"licenseNumber"}, {"issuingCountry"},
                                      {"issuingState"},     {"issueDate"},     {"expirationDate"},
                                      {"issuingAuthority"}, {"licenseClass"}};

constexpr Member kPassport[] = {{"surname"},          {"givenName"},
                                {"dateOfBirth"},      {"sex"},
                                {"birthPlace"},       {"nationality"},
                                {"issuingCountry"},   {"passportNumber"},
                                {"passportType"},     {"nationalIdentificationNumber"},
                                {"issuingAuthority"}, {"issueDate"},
                                {"expirationDate"}};

constexpr Member kUri[] = {{"uri", MemberKind::Sealed, 10'000},
                           {"uriChecksum", MemberKind::Sealed, 10'000},
                           {"match", MemberKind::Number}};

constexpr Member kCredential[] = {{"credentialId"},
                                  {"keyType"},
                                  {"keyAlgorithm"},
                                  {"keyCurve"},
                                  {"keyValue"},
                                  {"rpId"},
                                  {"rpName"},
                                  {"userHandle"},
                                  {"userName"},
                                  {"userDisplayName"},
                                  {"counter"},
                                  {"discoverable"},
                                  {"creationDate", MemberKind::Date}};

constexpr Member kField[] = {
    {"name"}, {"value", MemberKind::Sealed, 5000}, {"linkedId", MemberKind::Number}};

constexpr std::array<TypeSchema, kCipherTypes> kTypes = {{{1, "login", kLogin},
                                                          {2, "secureNote", kSecureNote},
                                                          {3, "card", kCard},
                                                          {4, "identity", kIdentity},
                                                          {5, "sshKey", kSshKey},
                                                          {6, "bankAccount", kBankAccount},
                                                          {7, "driversLicense", kDriversLicense},
                                                          {8, "passport", kPassport}}};

}  // namespace

const std::array<TypeSchema, kCipherTypes>& cipherTypes() { return kTypes; }
std::span<const Member> uriMembers() { return kUri; }
std::span<const Member> credentialMembers() { return kCredential; }
std::span<const Member> fieldMembers() { return kField; }

}  // namespace coffer::vault
