// SPDX-License-Identifier: BSD-2-Clause
//
// The command line of restic's rest-server, so that this program can stand in for it under that
// name: the same flags, defaults, parsing rules (GNU style, as Go's pflag reads them) and messages.
// What differs: without --path it refuses to start, instead of keeping backups in the temporary
// folder; --cpu-profile is accepted and does nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace coffer::runtime {

struct RestServerFlags {
  bool appendOnly = false;
  std::string cpuProfile;
  bool debug = false;
  bool groupAccessibleRepos = false;
  bool help = false;
  std::string htpasswdFile;  // Empty: <path>/.htpasswd.
  std::string listen = ":8000";
  std::string log;           // Access log; empty: none, "-": standard output.
  std::int64_t maxSize = 0;  // Bytes; 0 or less: no limit.
  bool noAuth = false;
  bool noVerifyUpload = false;
  std::string path;  // Empty: not given.
  bool privateRepos = false;
  bool prometheus = false;
  bool prometheusNoAuth = false;
  std::string proxyAuthUsername;
  bool tls = false;
  std::string tlsCert;  // Empty: <path>/public_key.
  std::string tlsKey;   // Empty: <path>/private_key.
  std::string tlsMinVer = "1.2";
  bool version = false;
};

// `arguments` without the program's name. Throws UsageError with rest-server's text for what it
// refuses while parsing: flags, values, positional arguments. --help and --version win over
// positional arguments, not over wrong flags.
RestServerFlags parseRestServerFlags(std::span<const std::string> arguments);

// Throws UsageError for flags that do not fit together: "requires enabled TLS",
// "Unsupported TLS min version: …", a missing --path.
void checkRestServerFlags(const RestServerFlags& flags);

// Why `listen` is no address, as Go's net.Listen says it: "listen tcp: address …: missing port in
// address". For texts that config::parseAddress() refuses.
std::string reasonAgainstAddress(const std::string& listen);

std::string restServerHelp();
std::string restServerVersion();  // One line, no line end; the fourth word is the version.

// Go's strconv.ParseInt with base 0: sign, 0x 0o 0b and leading-zero octal, '_' between digits
// where a prefix names the base or the number is decimal. `outOfRange` tells why there is nothing.
std::optional<std::int64_t> parseGoInteger(const std::string& text, bool& outOfRange);

}  // namespace coffer::runtime
