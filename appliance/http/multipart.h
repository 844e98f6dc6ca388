// SPDX-License-Identifier: BSD-2-Clause
//
// Bodies of the type multipart/form-data (RFC 7578, RFC 2046 section 5.1), read as they arrive: in
// pieces of any size, split anywhere, with never more held back than a boundary or a part's head.
//
// Strict where a guess could store the wrong bytes: lines end with CRLF, a line that begins with
// the boundary is a delimiter or the body is broken, and a part in a transfer encoding is refused.
// Lenient where clients differ: a preamble and an epilogue are skipped, values may be quoted or
// not.
//
// Threads: one at a time. Pure; tests/fuzz runs it under the sanitizers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::http {

constexpr std::size_t kMaxMultipartBoundary = 70;  // RFC 2046 section 5.1.1.
constexpr std::size_t kMaxPartHead = 8 * 1024;     // All header lines of one part.
constexpr unsigned kMaxParts = 32;

// The boundary that a Content-Type names. Nothing when it is not multipart/form-data, or the
// boundary is missing, too long, or holds what a boundary may not.
std::optional<std::string> multipartBoundary(std::string_view contentType);

struct PartHead {
  std::string name;
  // The bytes between the quotes of `filename`, with nothing decoded: browsers write %22 for a
  // quote, others a backslash before it, and some names mean their percent signs. `filename*` is
  // not for forms (RFC 7578 section 4.2) and is ignored. Nothing when the part has none.
  std::optional<std::string> fileName;
};

// Is handed the parts in their order. What it throws leaves the parser unusable.
class PartVisitor {
 public:
  virtual ~PartVisitor() = default;
  virtual void beginPart(const PartHead& head) = 0;
  virtual void partData(std::string_view bytes) = 0;  // Any number of times; never empty.
  virtual void endPart() = 0;
};

class MultipartParser {
 public:
  // `boundary` as multipartBoundary() gave it. The visitor must outlive the parser.
  MultipartParser(std::string_view boundary, PartVisitor& visitor);

  // Throws BadRequest for a body that is no form, and for one with too many or too large heads.
  void feed(std::string_view bytes);
  // After the last piece. Throws BadRequest when the closing delimiter has not come.
  void finish() const;

 private:
  enum class State : std::uint8_t {
    Content,      // A part's, or the preamble.
    AfterMark,    // Behind a boundary: "--", or blanks and the end of the line.
    CloseDash,    // One dash behind a boundary has been read.
    Padding,      // Blanks behind a boundary.
    DelimiterLf,  // The LF that ends the delimiter's line.
    Head,
    Epilogue,
  };

  void content(std::string_view& bytes);
  void emit(std::string_view bytes);
  void afterMark(std::string_view& bytes);
  void head(std::string_view& bytes);
  void endHead();

  std::string mark_;  // CR LF "--" boundary. Only its first byte is a CR.
  PartVisitor& visitor_;
  State state_ = State::Content;
  // Bytes of `mark_` that the input so far ends with, and how many of them are no content: a body
  // may begin with its boundary, and a part without content has only the line end of its head
  // before the next one.
  std::size_t matched_ = 2;
  std::size_t borrowed_ = 2;
  bool inPart_ = false;  // False in the preamble, whose bytes nobody wants.
  unsigned parts_ = 0;
  unsigned padding_ = 0;
  std::string head_;
};

}  // namespace coffer::http
