// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/head_parser.h"

#include "appliance/base/bytes.h"
#include "appliance/http/characters.h"

#include <algorithm>

namespace coffer::http {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kMaxMethodBytes = 32;

bool isBlank(char c) { return c == ' ' || c == '\t'; }

std::size_t lengthOf(std::string_view text, CharacterClass wanted) {
  std::size_t n = 0;
  while (n < text.size() && isOf(text[n], wanted)) ++n;
  return n;
}

std::string_view withoutTrailingBlanks(std::string_view text) {
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `use` with every element of a comma-separated list, blanks removed.
template <typename F>
void forEachElement(std::string_view list, F&& use) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    use(trim(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

class Parser {
 public:
  Parser(std::string_view head, const HeadLimits& limits) : rest_(head), limits_(limits) {}

  std::variant<Head, HeadError> run() {
    if (rest_.starts_with(kCrLf)) rest_.remove_prefix(kCrLf.size());
    if (!requestLine() || !fields() || !framing() || !targetForm()) return error_;
    return std::move(head_);
  }

 private:
  bool fail(int status, std::string_view reason) {
    error_ = {status, reason};
    return false;
  }

  bool requestLine() {
    const auto method = takeWhile(kTokenChar);
    if (method.empty() || method.size() > kMaxMethodBytes) return fail(400, "method");
    if (!takeSpace()) return fail(400, "request line");
    const auto target = takeWhile(kTargetChar);
    if (target.size() > limits_.targetBytes) return fail(414, "target too long");
    if (target.empty() || !takeSpace()) return fail(400, "target");
    head_.target = target;
    return version() && knownMethod(method);
  }

  bool version() {
    const auto end = rest_.find(kCrLf);
    if (end == std::string_view::npos) return fail(400, "request line");
    const auto text = rest_.substr(0, end);
    rest_.remove_prefix(end + kCrLf.size());
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 8 || !text.starts_with("HTTP/") || !isDigit(text[5]) || text[6] != '.' ||
        !isDigit(text[7])) {
      return fail(400, "version");
    }
    if (text != "HTTP/1.1" && text != "HTTP/1.0") return fail(505, "version");
    head_.http11 = text == "HTTP/1.1";
    head_.keepAlive = head_.http11;
    return true;
  }

  bool knownMethod(std::string_view token) {
    const auto method = parseMethod(token);
    if (!method) return fail(501, "method");
    head_.method = *method;
    return true;
  }

  bool fields() {
    while (!rest_.starts_with(kCrLf)) {
      if (head_.fields.size() == limits_.fields) return fail(431, "too many fields");
      const auto name = takeWhile(kTokenChar);
      if (name.empty() || !rest_.starts_with(':')) return fail(400, "field name");
      rest_.remove_prefix(1);
      while (!rest_.empty() && isBlank(rest_.front())) rest_.remove_prefix(1);
      const auto value = withoutTrailingBlanks(takeWhile(kValueChar));
      if (!rest_.starts_with(kCrLf)) return fail(400, "field value");
      rest_.remove_prefix(kCrLf.size());
      if (!interpret(name, value)) return false;
      head_.fields.push_back({std::string(name), std::string(value)});
    }
    if (rest_.size() != kCrLf.size()) return fail(400, "bytes after the head");
    return true;
  }

  // The fields that this layer acts on. The length tells most others apart at once.
  bool interpret(std::string_view name, std::string_view value) {
    switch (name.size()) {
      case 4:
        return !equalsIgnoringCase(name, "Host") || host(value);
      case 6:
        return !equalsIgnoringCase(name, "Expect") || expect(value);
      case 10:
        return !equalsIgnoringCase(name, "Connection") || connection(value);
      case 12:
        return !equalsIgnoringCase(name, "Content-Type") || once(kSawContentType);
      case 13:
        return !equalsIgnoringCase(name, "Authorization") || once(kSawAuthorization);
      case 14:
        return !equalsIgnoringCase(name, "Content-Length") || contentLength(value);
      case 17:
        return !equalsIgnoringCase(name, "Transfer-Encoding") || transferEncoding(value);
      default:
        return true;
    }
  }

  enum Seen : unsigned {
    kSawHost = 1,
    kSawContentType = 2,
    kSawAuthorization = 4,
    kSawContentLength = 8,
    kSawTransferEncoding = 16,
  };

  bool once(Seen field) {
    if (seen_ & field) return fail(400, "field sent twice");
    seen_ |= field;
    return true;
  }

  // Any text that can stand in an authority, and '/': restic sends the base64 of a socket's path.
  bool host(std::string_view value) {
    if (!once(kSawHost)) return false;
    if (!allOf(value, kHostChar)) return fail(400, "Host");
    head_.host = value;
    return true;
  }

  bool expect(std::string_view value) {
    if (!equalsIgnoringCase(value, "100-continue")) return fail(417, "Expect");
    head_.expectsContinue = head_.http11;  // A 1.0 client cannot mean it (RFC 9110, 10.1.1).
    return true;
  }

  bool connection(std::string_view value) {
    forEachElement(value, [this](std::string_view option) {
      if (equalsIgnoringCase(option, "close")) sawClose_ = true;
      if (equalsIgnoringCase(option, "keep-alive")) sawKeepAlive_ = true;
    });
    return true;
  }

  bool contentLength(std::string_view value) {
    if (!once(kSawContentLength)) return false;
    const auto length = parseUnsigned(value);
    if (!length) return fail(400, "Content-Length");
    head_.contentLength = *length;
    return true;
  }

  bool transferEncoding(std::string_view value) {
    if (!once(kSawTransferEncoding)) return false;
    if (!head_.http11) return fail(400, "Transfer-Encoding in HTTP/1.0");
    if (!equalsIgnoringCase(value, "chunked")) return fail(501, "Transfer-Encoding");
    return true;
  }

  bool framing() {
    if ((seen_ & kSawTransferEncoding) != 0) {
      if ((seen_ & kSawContentLength) != 0) return fail(400, "two lengths");
      head_.contentLength.reset();
    }
    if (head_.http11 && (seen_ & kSawHost) == 0) return fail(400, "no Host");
    if (sawKeepAlive_) head_.keepAlive = true;
    if (sawClose_) head_.keepAlive = false;
    return true;
  }

  bool targetForm() {
    const std::string_view target = head_.target;
    if (target.front() == '/') return true;
    if (target == "*") {
      return head_.method == Method::Options || fail(400, "target * without OPTIONS");
    }
    const auto scheme = target.find("://");
    if (scheme == std::string_view::npos ||
        !(equalsIgnoringCase(target.substr(0, scheme), "http") ||
          equalsIgnoringCase(target.substr(0, scheme), "https"))) {
      return fail(400, "target form");
    }
    const auto afterScheme = target.substr(scheme + 3);
    const auto authority = afterScheme.substr(0, afterScheme.find_first_of("/?"));
    if (authority.empty() || !allOf(authority, kHostChar)) return fail(400, "authority");
    if ((seen_ & kSawHost) != 0 && !equalsIgnoringCase(authority, head_.host)) {
      return fail(400, "target and Host differ");
    }
    head_.host = authority;
    return true;
  }

  std::string_view takeWhile(CharacterClass wanted) {
    const auto taken = rest_.substr(0, lengthOf(rest_, wanted));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool takeSpace() {
    if (!rest_.starts_with(' ')) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
  const HeadLimits& limits_;
  Head head_;
  HeadError error_;
  unsigned seen_ = 0;
  bool sawClose_ = false;
  bool sawKeepAlive_ = false;
};

}  // namespace

HeadScanner::Result HeadScanner::scan(std::string_view input) {
  for (;;) {
    const auto lf = input.find('\n', scanned_);
    // What cannot begin a request line need not be waited for: a TLS hello, for instance.
    if (lineStart_ == 0 && !input.empty() && input[0] != '\r' && !isOf(input[0], kTokenChar)) {
      return Result::Malformed;
    }
    if (lf == std::string_view::npos) {
      scanned_ = input.size();
      return Result::Incomplete;
    }
    scanned_ = lf + 1;
    if (lf == lineStart_ || input[lf - 1] != '\r') return Result::Malformed;
    const auto line = input.substr(lineStart_, lf - 1 - lineStart_);
    lineStart_ = scanned_;
    if (requestLineSeen_) {
      if (line.empty()) return Result::Complete;
    } else if (!line.empty()) {
      requestLineSeen_ = true;
      // An HTTP/0.9 request ends here; it would be waited for until the deadline.
      if (std::count(line.begin(), line.end(), ' ') < 2) return Result::Malformed;
    } else if (scanned_ > kCrLf.size()) {
      return Result::Malformed;  // A second empty line before the request.
    }
  }
}

std::variant<Head, HeadError> parseHead(std::string_view head, const HeadLimits& limits) {
  return Parser(head, limits).run();
}

}  // namespace coffer::http
