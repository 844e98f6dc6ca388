// SPDX-License-Identifier: BSD-2-Clause
//
// The words that stand for the values of each enumeration in the configuration.
#pragma once

#include "config/settings.h"

#include <array>
#include <string_view>
#include <utility>

namespace coffer::config {

template <typename E>
struct EnumNames;  // kAll: every value with its word, in the order that help lists them.

template <typename E, std::size_t N>
using NameTable = std::array<std::pair<std::string_view, E>, N>;

template <>
struct EnumNames<TlsMode> {  // "files" is not written: naming the files says it.
  static constexpr NameTable<TlsMode, 2> kAll = {{{"auto", TlsMode::Auto}, {"off", TlsMode::Off}}};
};

template <>
struct EnumNames<TlsVersion> {
  static constexpr NameTable<TlsVersion, 2> kAll = {
      {{"1.2", TlsVersion::Tls12}, {"1.3", TlsVersion::Tls13}}};
};

template <>
struct EnumNames<log::Level> {
  static constexpr NameTable<log::Level, 5> kAll = {{{"debug", log::Level::Debug},
                                                     {"info", log::Level::Info},
                                                     {"warning", log::Level::Warning},
                                                     {"error", log::Level::Error},
                                                     {"off", log::Level::Off}}};
};

template <>
struct EnumNames<LogFormat> {
  static constexpr NameTable<LogFormat, 2> kAll = {
      {{"text", LogFormat::Text}, {"json", LogFormat::Json}}};
};

template <>
struct EnumNames<ResticAuth> {
  static constexpr NameTable<ResticAuth, 3> kAll = {
      {{"htpasswd", ResticAuth::Htpasswd}, {"proxy", ResticAuth::Proxy}, {"off", ResticAuth::Off}}};
};

template <>
struct EnumNames<ResticAccess> {
  static constexpr NameTable<ResticAccess, 4> kAll = {{{"none", ResticAccess::None},
                                                       {"read", ResticAccess::Read},
                                                       {"append", ResticAccess::Append},
                                                       {"modify", ResticAccess::Modify}}};
};

template <>
struct EnumNames<VaultSignups> {
  static constexpr NameTable<VaultSignups, 5> kAll = {{{"closed", VaultSignups::Closed},
                                                       {"first", VaultSignups::First},
                                                       {"invited", VaultSignups::Invited},
                                                       {"domains", VaultSignups::Domains},
                                                       {"open", VaultSignups::Open}}};
};

template <>
struct EnumNames<MailSecurity> {
  static constexpr NameTable<MailSecurity, 3> kAll = {{{"starttls", MailSecurity::StartTls},
                                                       {"tls", MailSecurity::Tls},
                                                       {"none", MailSecurity::None}}};
};

template <>
struct EnumNames<MetricsAccess> {
  static constexpr NameTable<MetricsAccess, 3> kAll = {{{"local", MetricsAccess::Local},
                                                        {"users", MetricsAccess::Users},
                                                        {"anyone", MetricsAccess::Anyone}}};
};

}  // namespace coffer::config
