// SPDX-License-Identifier: BSD-2-Clause
//
// The only parser of a request's head (RFC 9112 sections 2 to 6), strict on purpose: where two
// readers could disagree about where a message ends, the message is refused. Nothing is repaired.
//   CRLF only, no folding, no controls, no byte above 0x7e, no blank before a colon; one Host on
//   1.1; Content-Length is digits; Transfer-Encoding is exactly "chunked", never with a length.
// Pure functions, no input or output; tests/fuzz runs them under the sanitizers.
#pragma once

#include "appliance/http/method.h"
#include "appliance/http/request.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace coffer::http {

// Finds the end of a head in bytes that arrive piece by piece. Every byte is looked at once.
class HeadScanner {
 public:
  enum class Result {
    Incomplete,
    Complete,   // end() is the length of the head with its empty line.
    Malformed,  // No continuation can make it a head: parseHead() says why.
  };

  // `input` begins where it began in the last call and may be longer.
  Result scan(std::string_view input);
  std::size_t end() const { return scanned_; }
  // True until the request line has ended.
  bool inRequestLine() const { return !requestLineSeen_; }
  void reset() { *this = HeadScanner(); }

 private:
  std::size_t lineStart_ = 0;
  std::size_t scanned_ = 0;
  bool requestLineSeen_ = false;
};

struct HeadLimits {
  std::size_t targetBytes = 8 * 1024;
  std::size_t fields = 100;
};

struct Head {
  Method method = Method::Get;
  std::string target;  // As sent: origin-form, absolute-form, or "*" with OPTIONS.
  bool http11 = false;
  std::vector<HeaderField> fields;
  std::string host;                                // Of the Host field or the absolute target.
  std::optional<std::uint64_t> contentLength = 0;  // Nothing: the body is chunked.
  bool expectsContinue = false;
  bool keepAlive = false;  // What the client wishes, by its version and Connection field.
};

struct HeadError {
  int status = 400;
  std::string_view reason;  // For the log.
};

// `head` runs up to and including the empty line; one empty line before it is skipped.
std::variant<Head, HeadError> parseHead(std::string_view head, const HeadLimits& limits);

}  // namespace coffer::http
