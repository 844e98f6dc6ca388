// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/multipart.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/http/characters.h"

#include <algorithm>
#include <cstring>

namespace coffer::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr unsigned kMaxPadding = 64;

[[noreturn]] void refuse(const char* detail) { throw BadRequest("Malformed form data.", detail); }

// RFC 2046: digits, letters, '()+_,-./:=? and, but not last, spaces.
bool isBoundary(std::string_view text) {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  const auto allowed = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxMultipartBoundary && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), allowed);
}

std::string_view withoutBlanks(std::string_view text) {
  const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

struct Parameter {
  std::string_view name;
  std::string_view value;  // Without its quotes; nothing decoded.
};

// Where the quote at the start of `text` is closed; a quote behind a backslash does not close.
std::size_t closingQuote(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '"') ++at;
  }
  refuse("a quote is not closed");
}

// Takes `; name=value` off the front. False at the end.
bool nextParameter(std::string_view& text, Parameter& parameter) {
  text = withoutBlanks(text);
  if (text.empty()) return false;
  if (text.front() != ';') refuse("text behind a parameter");
  text = withoutBlanks(text.substr(1));
  if (text.empty()) return false;  // A semicolon too many.
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) refuse("a parameter without a value");
  parameter.name = withoutBlanks(text.substr(0, equals));
  if (!isToken(parameter.name)) refuse("a parameter without a name");
  text = withoutBlanks(text.substr(equals + 1));
  if (text.starts_with('"')) {
    const auto end = closingQuote(text);
    parameter.value = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    const auto end = std::min(text.find(';'), text.size());
    parameter.value = withoutBlanks(text.substr(0, end));
    text.remove_prefix(end);
  }
  return true;
}

// Splits "value; parameters" at the first semicolon; `value` without blanks.
std::string_view leadingValue(std::string_view& text) {
  const auto end = std::min(text.find(';'), text.size());
  const auto value = withoutBlanks(text.substr(0, end));
  text.remove_prefix(end);
  return value;
}

void readDisposition(std::string_view text, PartHead& head, bool& isNamed) {
  if (!equalsIgnoringCase(leadingValue(text), "form-data")) refuse("a part that is no form-data");
  Parameter parameter;
  while (nextParameter(text, parameter)) {
    if (equalsIgnoringCase(parameter.name, "name")) {
      if (isNamed) refuse("a part with two names");
      isNamed = true;
      head.name = parameter.value;
    } else if (equalsIgnoringCase(parameter.name, "filename")) {
      if (head.fileName) refuse("a part with two file names");
      head.fileName = parameter.value;
    }
  }
}

bool isPlainEncoding(std::string_view name) {
  return equalsIgnoringCase(name, "7bit") || equalsIgnoringCase(name, "8bit") ||
         equalsIgnoringCase(name, "binary");
}

// `lines` end with CRLF each.
PartHead parseHead(std::string_view lines) {
  PartHead head;
  bool isNamed = false;
  while (!lines.empty()) {
    const auto end = lines.find(kLineEnd);
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end + kLineEnd.size());
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      refuse("a control character in a part's head");
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
      refuse("a header line without a name");
    }
    const auto name = line.substr(0, colon);
    const auto value = withoutBlanks(line.substr(colon + 1));
    if (equalsIgnoringCase(name, "Content-Disposition")) {
      readDisposition(value, head, isNamed);
    } else if (equalsIgnoringCase(name, "Content-Transfer-Encoding") && !isPlainEncoding(value)) {
      refuse("a part in a transfer encoding");
    }
  }
  if (!isNamed) refuse("a part without a name");
  return head;
}

}  // namespace

std::optional<std::string> multipartBoundary(std::string_view contentType) {
  if (!equalsIgnoringCase(leadingValue(contentType), "multipart/form-data")) return std::nullopt;
  try {
    Parameter parameter;
    while (nextParameter(contentType, parameter)) {
      if (!equalsIgnoringCase(parameter.name, "boundary")) continue;
      if (!isBoundary(parameter.value)) return std::nullopt;
      return std::string(parameter.value);
    }
  } catch (const BadRequest&) {
    return std::nullopt;
  }
  return std::nullopt;
}

MultipartParser::MultipartParser(std::string_view boundary, PartVisitor& visitor)
    : mark_("\r\n--" + std::string(boundary)), visitor_(visitor) {}

void MultipartParser::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::Content:
        content(bytes);
        break;
      case State::Head:
        head(bytes);
        break;
      case State::Epilogue:
        return;
      default:
        afterMark(bytes);
    }
  }
}

void MultipartParser::finish() const {
  if (state_ != State::Epilogue) refuse("the form ends early");
}

void MultipartParser::emit(std::string_view bytes) {
  if (inPart_ && !bytes.empty()) visitor_.partData(bytes);
}

// Hands out what cannot be part of a boundary, in runs as long as they come. Since a CR is only
// the first byte of the mark, a match that fails can begin again only at the byte it failed at.
void MultipartParser::content(std::string_view& bytes) {
  // A match that began in an earlier piece: those bytes are gone, but they are the mark's own.
  const std::size_t carried = matched_;
  std::size_t at = 0;
  while (at < bytes.size() && matched_ > 0 && matched_ < mark_.size()) {
    if (bytes[at] != mark_[matched_]) break;
    ++matched_;
    ++at;
  }
  if (matched_ < mark_.size()) {
    if (at == bytes.size()) {  // All of it belongs to the match, which goes on.
      bytes = {};
      return;
    }
    // The match failed, or there was none. The bytes of it that are in this piece go out below.
    emit(std::string_view(mark_).substr(borrowed_, carried - borrowed_));
    matched_ = borrowed_ = 0;
    for (;;) {
      const void* cr = std::memchr(bytes.data() + at, '\r', bytes.size() - at);
      if (cr == nullptr) {
        emit(bytes);
        bytes = {};
        return;
      }
      const auto start = static_cast<std::size_t>(static_cast<const char*>(cr) - bytes.data());
      const auto there = std::min(mark_.size(), bytes.size() - start);
      if (std::memcmp(bytes.data() + start, mark_.data(), there) == 0) {
        emit(bytes.substr(0, start));
        matched_ = there;
        at = start + there;
        break;
      }
      at = start + 1;
    }
  }
  bytes.remove_prefix(at);
  if (matched_ < mark_.size()) return;
  matched_ = borrowed_ = 0;
  if (inPart_) visitor_.endPart();
  inPart_ = false;
  state_ = State::AfterMark;
}

// One byte of what stands between a boundary and the part behind it.
void MultipartParser::afterMark(std::string_view& bytes) {
  const char c = bytes.front();
  bytes.remove_prefix(1);
  const bool isBlank = c == ' ' || c == '\t';
  if (state_ == State::AfterMark && c == '-') {
    state_ = State::CloseDash;
  } else if (state_ == State::CloseDash && c == '-') {
    state_ = State::Epilogue;
  } else if ((state_ == State::AfterMark || state_ == State::Padding) && c == '\r') {
    state_ = State::DelimiterLf;
  } else if ((state_ == State::AfterMark || state_ == State::Padding) && isBlank) {
    if (++padding_ > kMaxPadding) refuse("a delimiter line is too long");
    state_ = State::Padding;
  } else if (state_ == State::DelimiterLf && c == '\n') {
    if (++parts_ > kMaxParts) refuse("too many parts");
    padding_ = 0;
    head_.clear();
    state_ = State::Head;
  } else {
    refuse("text behind a boundary");
  }
}

void MultipartParser::head(std::string_view& bytes) {
  // Whatever of the piece may belong to the head; the end may lie across the pieces.
  const auto before = head_.size();
  const auto taken = bytes.substr(0, kMaxPartHead + kHeadEnd.size() - before);
  head_ += taken;
  if (head_.starts_with(kLineEnd)) refuse("a part without a head");
  const auto end = head_.find(kHeadEnd, before < kHeadEnd.size() ? 0 : before - kHeadEnd.size());
  if (end == std::string::npos) {
    if (head_.size() >= kMaxPartHead + kHeadEnd.size()) refuse("a part's head is too long");
    bytes.remove_prefix(taken.size());
    return;
  }
  bytes.remove_prefix(end + kHeadEnd.size() - before);
  head_.resize(end + kLineEnd.size());
  endHead();
}

void MultipartParser::endHead() {
  visitor_.beginPart(parseHead(head_));
  inPart_ = true;
  state_ = State::Content;
  matched_ = borrowed_ = kLineEnd.size();
}

}  // namespace coffer::http
