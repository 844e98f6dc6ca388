// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/rest_server_flags.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <variant>

namespace coffer::runtime {
namespace {

// The version of rest-server whose behaviour this is; scripts compare it.
constexpr std::string_view kCompatibleVersion = "0.14.0";

using Member = std::variant<bool RestServerFlags::*, std::string RestServerFlags::*,
                            std::int64_t RestServerFlags::*>;

struct Flag {
  std::string_view name;
  char shorthand;
  Member member;
  std::string_view valueName;
  std::string_view help;
};

const std::array kFlags = {
    Flag{"append-only", 0, &RestServerFlags::appendOnly, "", "refuse to delete or overwrite"},
    Flag{"cpu-profile", 0, &RestServerFlags::cpuProfile, "file", "accepted and ignored"},
    Flag{"debug", 0, &RestServerFlags::debug, "", "log every request"},
    Flag{"group-accessible-repos", 0, &RestServerFlags::groupAccessibleRepos, "",
         "let the group read (and, with umask 007, write) repositories"},
    Flag{"help", 'h', &RestServerFlags::help, "", "help for rest-server"},
    Flag{"htpasswd-file", 0, &RestServerFlags::htpasswdFile, "file",
         "users and passwords (default: \"<path>/.htpasswd\")"},
    Flag{"listen", 0, &RestServerFlags::listen, "address",
         "host:port, :port or unix:/path (default \":8000\")"},
    Flag{"log", 0, &RestServerFlags::log, "file", "access log in combined format; \"-\": stdout"},
    Flag{"max-size", 0, &RestServerFlags::maxSize, "bytes", "largest size of all repositories"},
    Flag{"no-auth", 0, &RestServerFlags::noAuth, "", "ask nobody for a password"},
    Flag{"no-verify-upload", 0, &RestServerFlags::noVerifyUpload, "",
         "do not check uploads against their names; not advised"},
    Flag{"path", 0, &RestServerFlags::path, "folder", "data folder (required)"},
    Flag{"private-repos", 0, &RestServerFlags::privateRepos, "",
         "users reach only repositories below their name"},
    Flag{"prometheus", 0, &RestServerFlags::prometheus, "", "serve metrics under /metrics"},
    Flag{"prometheus-no-auth", 0, &RestServerFlags::prometheusNoAuth, "",
         "serve metrics to everybody"},
    Flag{"proxy-auth-username", 0, &RestServerFlags::proxyAuthUsername, "header",
         "take the user's name from this header"},
    Flag{"tls", 0, &RestServerFlags::tls, "", "serve HTTPS"},
    Flag{"tls-cert", 0, &RestServerFlags::tlsCert, "file",
         "certificate (default: \"<path>/public_key\")"},
    Flag{"tls-key", 0, &RestServerFlags::tlsKey, "file", "key (default: \"<path>/private_key\")"},
    Flag{"tls-min-ver", 0, &RestServerFlags::tlsMinVer, "version", "1.2 or 1.3 (default \"1.2\")"},
    Flag{"version", 'v', &RestServerFlags::version, "", "version for rest-server"},
};

const Flag* findLong(std::string_view name) {
  const auto found =
      std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& f) { return f.name == name; });
  return found == kFlags.end() ? nullptr : &*found;
}

const Flag* findShort(char c) {
  const auto found = std::find_if(kFlags.begin(), kFlags.end(), [&](const Flag& f) {
    return f.shorthand != 0 && f.shorthand == c;
  });
  return found == kFlags.end() ? nullptr : &*found;
}

bool isBoolean(const Flag& flag) {
  return std::holds_alternative<bool RestServerFlags::*>(flag.member);
}

std::string nameOf(const Flag& flag) {
  const std::string longName = "--" + std::string(flag.name);
  return flag.shorthand ? std::string("-") + flag.shorthand + ", " + longName : longName;
}

[[noreturn]] void refuse(const Flag& flag, const std::string& value, const std::string& parser,
                         const std::string& reason) {
  throw UsageError("invalid argument \"" + value + "\" for \"" + nameOf(flag) +
                   "\" flag: strconv." + parser + ": parsing \"" + value + "\": " + reason);
}

bool parseBoolean(const Flag& flag, const std::string& value) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (value == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (value == no) return false;
  }
  refuse(flag, value, "ParseBool", "invalid syntax");
}

void set(RestServerFlags& flags, const Flag& flag, const std::string& value) {
  if (const auto* boolean = std::get_if<bool RestServerFlags::*>(&flag.member)) {
    flags.*(*boolean) = parseBoolean(flag, value);
  } else if (const auto* text = std::get_if<std::string RestServerFlags::*>(&flag.member)) {
    flags.*(*text) = value;
  } else {
    bool outOfRange = false;
    const auto number = parseGoInteger(value, outOfRange);
    if (!number) {
      refuse(flag, value, "ParseInt", outOfRange ? "value out of range" : "invalid syntax");
    }
    flags.*std::get<std::int64_t RestServerFlags::*>(flag.member) = *number;
  }
}

// Walks the arguments as pflag does: flags and positional arguments mixed, "--" ends the flags.
class Parser {
 public:
  explicit Parser(std::span<const std::string> arguments) : rest_(arguments) {}

  RestServerFlags parse() {
    std::string positional;
    bool hasPositional = false;
    while (!rest_.empty()) {
      const std::string argument = take();
      if (argument.size() < 2 || argument[0] != '-' || onlyPositional_) {
        if (!hasPositional) positional = argument;
        hasPositional = true;
      } else if (argument == "--") {
        onlyPositional_ = true;
      } else if (argument[1] == '-') {
        parseLong(argument);
      } else {
        parseShort(argument);
      }
    }
    if (hasPositional && !flags_.help && !flags_.version) {
      throw UsageError("rest-server expects no arguments - unknown argument: " + positional);
    }
    return flags_;
  }

 private:
  std::string take() {
    const std::string first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  void parseLong(const std::string& argument) {
    const std::string text = argument.substr(2);
    if (text[0] == '-' || text[0] == '=') throw UsageError("bad flag syntax: " + argument);
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const Flag* flag = findLong(name);
    if (!flag) throw UsageError("unknown flag: --" + name);
    if (equals != std::string::npos) return set(flags_, *flag, text.substr(equals + 1));
    if (isBoolean(*flag)) return set(flags_, *flag, "true");
    if (rest_.empty()) throw UsageError("flag needs an argument: --" + name);
    set(flags_, *flag, take());
  }

  // "-hv", "-v=false"; every shorthand that exists is a boolean.
  void parseShort(const std::string& argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const Flag* flag = findShort(argument[i]);
      if (!flag) {
        throw UsageError(std::string("unknown shorthand flag: '") + argument[i] + "' in -" +
                         argument.substr(i));
      }
      if (i + 2 < argument.size() && argument[i + 1] == '=') {
        return set(flags_, *flag, argument.substr(i + 2));
      }
      set(flags_, *flag, "true");
    }
  }

  std::span<const std::string> rest_;
  bool onlyPositional_ = false;
  RestServerFlags flags_;
};

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

std::optional<std::int64_t> parseGoInteger(const std::string& text, bool& outOfRange) {
  outOfRange = false;
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  unsigned base = 10;
  bool mayUnderscore = true;  // One may stand between the prefix and the first digit.
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  } else {
    mayUnderscore = false;
  }
  if (digits.empty() || digits.back() == '_') return std::nullopt;

  const std::uint64_t limit = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c == '_') {
      if (!mayUnderscore) return std::nullopt;
      mayUnderscore = false;
      continue;
    }
    const auto digit = static_cast<unsigned>(digitOf(c));
    if (digit >= base) return std::nullopt;
    mayUnderscore = true;
    // Go on after an overflow: a wrong character further on is the better message.
    outOfRange = outOfRange || value > (limit - digit) / base;
    if (!outOfRange) value = value * base + digit;
  }
  if (outOfRange) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - value : value);
}

RestServerFlags parseRestServerFlags(std::span<const std::string> arguments) {
  return Parser(arguments).parse();
}

std::string reasonAgainstAddress(const std::string& listen) {
  if (listen.starts_with("unix:")) return "listen unix " + listen.substr(5) + ": invalid argument";
  const auto refused = [](const std::string& address, const std::string& why) {
    return "listen tcp: address " + address + ": " + why;
  };
  const auto colon = listen.rfind(':');
  const auto bracket = listen.rfind(']');
  const bool isBracketed = listen.starts_with('[');
  if (isBracketed && bracket == std::string::npos) return refused(listen, "missing ']' in address");
  if (colon == std::string::npos || (isBracketed && colon < bracket)) {
    return refused(listen, "missing port in address");
  }
  const std::string host = listen.substr(0, colon);
  const std::string port = listen.substr(colon + 1);
  if (!isBracketed && host.find(':') != std::string::npos) {
    return refused(listen, "too many colons in address");
  }
  if (port.find_first_not_of("0123456789") != std::string::npos) {
    return "listen tcp: lookup tcp/" + port + ": unknown port";
  }
  const auto number = port.size() > 5 ? std::nullopt : parseUnsigned(port);
  if (!port.empty() && (!number || *number > 65535)) return refused(port, "invalid port");
  return "listen tcp: lookup " + host + ": no such host";
}

void checkRestServerFlags(const RestServerFlags& flags) {
  if (!flags.tls && (!flags.tlsCert.empty() || !flags.tlsKey.empty())) {
    throw UsageError("requires enabled TLS");
  }
  if (flags.tlsMinVer != "1.2" && flags.tlsMinVer != "1.3") {
    throw UsageError("Unsupported TLS min version: " + flags.tlsMinVer +
                     ". Allowed versions are 1.2 or 1.3");
  }
  if (flags.path.empty()) {
    throw UsageError(
        "no data folder: give --path FOLDER (backups are not kept in the temporary folder)");
  }
}

std::string restServerHelp() {
  std::string text =
      "Run a REST server for use with restic\n\nUsage:\n  rest-server [flags]\n\nFlags:\n";
  for (const Flag& flag : kFlags) {
    std::string left = flag.shorthand ? std::string("  -") + flag.shorthand + ", " : "      ";
    left += "--" + std::string(flag.name);
    if (!flag.valueName.empty()) left += " " + std::string(flag.valueName);
    left.resize(std::max<std::size_t>(left.size() + 2, 37), ' ');
    text += left + std::string(flag.help) + "\n";
  }
  return text +
         "\nThis is Coffer standing in for rest-server. Users: coffer restic user add --help.\n";
}

std::string restServerVersion() {
  return "rest-server version rest-server " + std::string(kCompatibleVersion) +
         " provided by coffer " COFFER_VERSION;
}

}  // namespace coffer::runtime
