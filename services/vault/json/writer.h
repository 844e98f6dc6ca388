// SPDX-License-Identifier: BSD-2-Clause
//
// Writes JSON by appending to a string that the caller owns. It keeps no tree and no depth: the
// caller opens and closes in order, and the writer sees to commas, escapes and dates.
//
//   json::Writer writer(out);
//   writer.beginObject().field("id", id).field("name", name).dateField("revisionDate", at);
//   writer.endObject();
//
// Names are the program's own words and are written without escaping. Text must be UTF-8.
// Lifetime: the string must outlive the writer. Threads: one at a time.
#pragma once

#include "appliance/base/clock.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault::json {

// Appends `text` as a quoted JSON string; only what must be escaped is.
void appendQuoted(std::string& out, std::string_view text);
// Appends `time` as a quoted date with six digits and Z (vault-core section 1.4).
void appendDate(std::string& out, UnixMicros time);

class Writer {
 public:
  // `out` may hold anything already. With Continue::AfterElement the first value or name is
  // preceded by a comma: a body made in several pieces.
  enum class Continue { AtStart, AfterElement };
  explicit Writer(std::string& out, Continue where = Continue::AtStart)
      : out_(out), comma_(where == Continue::AfterElement) {}

  Writer& beginObject() { return open('{'); }
  Writer& endObject() { return close('}'); }
  Writer& beginArray() { return open('['); }
  Writer& endArray() { return close(']'); }

  // The name of the member whose value comes next.
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(std::same_as<bool> auto truth) { return raw(truth ? "true" : "false"); }
  Writer& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return integer(static_cast<std::int64_t>(number));
  }
  Writer& value(std::nullptr_t) { return raw("null"); }
  template <typename T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : value(nullptr);
  }
  Writer& date(UnixMicros time);
  Writer& date(const std::optional<UnixMicros>& time) {
    return time ? date(*time) : value(nullptr);
  }
  // JSON text as it is: a stored value, spliced in. It is not looked at.
  Writer& raw(std::string_view json);

  // key() and the value in one. Nothing becomes null.
  template <typename T>
  Writer& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  template <typename T>
  Writer& dateField(std::string_view name, const T& time) {
    return key(name).date(time);
  }
  Writer& rawField(std::string_view name, std::string_view json) { return key(name).raw(json); }
  // Members of an object without its braces ("\"a\":1,\"b\":2"), spliced in. May be empty.
  Writer& rawMembers(std::string_view members);

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& integer(std::int64_t number);
  void separate() {
    if (comma_) out_.push_back(',');
  }

  std::string& out_;
  bool comma_;  // The next value or name needs a comma before it.
};

}  // namespace coffer::vault::json
