// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/rest_server_flags.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

using namespace coffer;
using namespace coffer::runtime;

namespace {

using Arguments = std::vector<std::string>;

RestServerFlags parsed(const Arguments& arguments) { return parseRestServerFlags(arguments); }

std::string refusal(const Arguments& arguments) {
  try {
    checkRestServerFlags(parsed(arguments));
  } catch (const UsageError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("rest-server's defaults") {
  const auto flags = parsed({});
  CHECK(flags.listen == ":8000");
  CHECK(flags.tlsMinVer == "1.2");
  CHECK(flags.maxSize == 0);
  CHECK(flags.path.empty());
  CHECK_FALSE(flags.appendOnly);
  CHECK_FALSE(flags.noAuth);
  CHECK_FALSE(flags.tls);
}

TEST_CASE("rest-server's flags take a value after a blank or an equals sign, the last one wins") {
  const auto flags = parsed({"--path", "/a", "--listen=127.0.0.1:0", "--log", "-", "--max-size",
                             "2000000", "--path=/b", "--proxy-auth-username=X-User",
                             "--htpasswd-file", "", "--tls", "--tls-min-ver", "1.3"});
  CHECK(flags.path == "/b");
  CHECK(flags.listen == "127.0.0.1:0");
  CHECK(flags.log == "-");
  CHECK(flags.maxSize == 2'000'000);
  CHECK(flags.proxyAuthUsername == "X-User");
  CHECK(flags.htpasswdFile.empty());
  CHECK(flags.tls);
  CHECK(flags.tlsMinVer == "1.3");
}

TEST_CASE("booleans take Go's spellings after an equals sign only") {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    CHECK(parsed({std::string("--append-only=") + yes}).appendOnly);
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    CHECK_FALSE(parsed({"--append-only", std::string("--append-only=") + no}).appendOnly);
  }
  CHECK(refusal({"--append-only", "false"}) ==
        "rest-server expects no arguments - unknown argument: false");
  CHECK(refusal({"--append-only=yes"}) ==
        "invalid argument \"yes\" for \"--append-only\" flag: strconv.ParseBool: parsing \"yes\": "
        "invalid syntax");
  CHECK(refusal({"-h=2"}) ==
        "invalid argument \"2\" for \"-h, --help\" flag: strconv.ParseBool: parsing \"2\": invalid "
        "syntax");
}

TEST_CASE("rest-server's refusals, word for word") {
  const std::pair<Arguments, std::string> table[] = {
      {{"foo"}, "rest-server expects no arguments - unknown argument: foo"},
      {{"--", "--tls"}, "rest-server expects no arguments - unknown argument: --tls"},
      {{"-"}, "rest-server expects no arguments - unknown argument: -"},
      {{"--bogus"}, "unknown flag: --bogus"},
      {{"--bogus=1", "--help"}, "unknown flag: --bogus"},
      {{"-append-only"}, "unknown shorthand flag: 'a' in -append-only"},
      {{"-hx"}, "unknown shorthand flag: 'x' in -x"},
      {{"--=x"}, "bad flag syntax: --=x"},
      {{"---tls"}, "bad flag syntax: ---tls"},
      {{"--path"}, "flag needs an argument: --path"},
      {{"--max-size", "abc"},
       "invalid argument \"abc\" for \"--max-size\" flag: strconv.ParseInt: parsing \"abc\": "
       "invalid syntax"},
      {{"--max-size=9223372036854775808"},
       "invalid argument \"9223372036854775808\" for \"--max-size\" flag: strconv.ParseInt: "
       "parsing \"9223372036854775808\": value out of range"},
      {{"--path=/a", "--tls-cert=x"}, "requires enabled TLS"},
      {{"--path=/a", "--tls-key=x"}, "requires enabled TLS"},
      {{"--path=/a", "--tls-min-ver=1.1"},
       "Unsupported TLS min version: 1.1. Allowed versions are 1.2 or 1.3"},
      {{"--no-auth"},
       "no data folder: give --path FOLDER (backups are not kept in the temporary folder)"},
      {{"--path=/a", "--tls", "--tls-cert=x", "--tls-key=y"}, "accepted"},
      {{"--path", "--tls"}, "accepted"},  // The next argument is the value, whatever it looks like.
  };
  for (const auto& [arguments, expected] : table) CHECK(refusal(arguments) == expected);
}

TEST_CASE("help and version win over positional arguments") {
  CHECK(parsed({"foo", "--help"}).help);
  CHECK(parsed({"-v", "foo"}).version);
  const auto both = parsed({"-hv"});
  CHECK(both.help);
  CHECK(both.version);
}

TEST_CASE("scripts find the version as the fourth word") {
  const std::string line = restServerVersion();
  CHECK(line.starts_with("rest-server version rest-server 0.14.0 "));
}

TEST_CASE("integers are read as Go reads them with base 0") {
  bool outOfRange = false;
  const std::pair<std::string, std::int64_t> good[] = {
      {"0", 0},
      {"-5", -5},
      {"+7", 7},
      {"0x1F", 31},
      {"0b101", 5},
      {"0o17", 15},
      {"017", 15},
      {"0x_1f", 31},
      {"0_17", 15},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()}};
  for (const auto& row : good) {
    CAPTURE(row.first);
    CHECK(parseGoInteger(row.first, outOfRange) == row.second);
  }
  for (const char* bad :
       {"", "-", "+", " 1", "1 ", "1k", "0x", "08", "1.5", "0b2", "--1", "1_", "_1", "0x1__2"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseGoInteger(bad, outOfRange));
    CHECK_FALSE(outOfRange);
  }
  for (const char* large : {"9223372036854775808", "-9223372036854775809", "0x8000000000000000",
                            "99999999999999999999999999"}) {
    CAPTURE(large);
    CHECK_FALSE(parseGoInteger(large, outOfRange));
    CHECK(outOfRange);
  }
  CHECK_FALSE(parseGoInteger("99999999999999999999x", outOfRange));
}

TEST_CASE("an address that is none is refused in Go's words") {
  const std::pair<const char*, const char*> rows[] = {
      {"8000", "listen tcp: address 8000: missing port in address"},
      {"[::1]", "listen tcp: address [::1]: missing port in address"},
      {"[::1:8000", "listen tcp: address [::1:8000: missing ']' in address"},
      {"host:99999", "listen tcp: address 99999: invalid port"},
      {":65536", "listen tcp: address 65536: invalid port"},
      {":123456789012345678901", "listen tcp: address 123456789012345678901: invalid port"},
      {"::1:8000", "listen tcp: address ::1:8000: too many colons in address"},
      {"host:web", "listen tcp: lookup tcp/web: unknown port"},
      {"a b:80", "listen tcp: lookup a b: no such host"},
      {"unix:", "listen unix : invalid argument"},
  };
  for (const auto& [listen, reason] : rows) CHECK(reasonAgainstAddress(listen) == reason);
}
