// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/type_data.h"

#include "appliance/base/bytes.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>

namespace coffer::vault {
namespace {

constexpr int kHiddenField = 1;

void writeMembers(json::Writer& writer, std::span<const Member> members, const json::Object& object,
                  std::string_view skip = {});

// A name nobody knows yet, as camelCase. Escaped, since it comes from outside.
void writeUnknownName(std::string& out, std::string_view name) {
  std::string camel(name);
  if (!camel.empty() && camel[0] >= 'A' && camel[0] <= 'Z')
    camel[0] = static_cast<char>(camel[0] - 'A' + 'a');
  json::appendQuoted(out, camel);
  out.push_back(':');
}

// Any JSON value with its names in camelCase and without `response`. Nesting is bounded by the
// reader.
std::string canonical(const nlohmann::json& value) {
  std::string out;
  if (value.is_object()) {
    out.push_back('{');
    for (const auto& [name, member] : value.items()) {
      if (equalsIgnoringCase(name, "response")) continue;
      if (out.size() > 1) out.push_back(',');
      writeUnknownName(out, name);
      out += canonical(member);
    }
    out.push_back('}');
  } else if (value.is_array()) {
    out.push_back('[');
    for (const auto& element : value) {
      if (out.size() > 1) out.push_back(',');
      out += canonical(element);
    }
    out.push_back(']');
  } else {
    out = value.dump();
  }
  return out;
}

void writeSealed(json::Writer& writer, const Member& member, const json::Object& object) {
  const auto text = object.string(member.name);
  checkLength(object, member.name, text.value_or(""), member.maxLength);
  writer.field(member.name, text);
}

// How old mobile clients say that there is no date: .NET's first one (vault-core 1.4).
bool isNoDate(const nlohmann::json* value) {
  return value == nullptr || value->is_null() ||
         (value->is_string() &&
          value->get_ref<const std::string&>().starts_with("0001-01-01T00:00:00"));
}

// A date that does not parse becomes the epoch, none stays null.
void writeDate(json::Writer& writer, const Member& member, const json::Object& object) {
  if (isNoDate(object.find(member.name))) {
    writer.field(member.name, nullptr);
  } else {
    writer.dateField(member.name, object.date(member.name).value_or(0));
  }
}

// A number or null; what is no number is null, never a fault: it decides no more than how a client
// matches a site or links a field.
std::optional<std::int64_t> lenientNumber(const json::Object& object, std::string_view name) {
  try {
    return object.integer(name);
  } catch (const json::ModelError&) {
    return std::nullopt;
  }
}

void writeElements(json::Writer& writer, std::string_view name, std::span<const Member> members,
                   const json::Array& list) {
  writer.key(name).beginArray();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.raw()[i].is_null()) continue;
    writer.beginObject();
    writeMembers(writer, members, list.object(i));
    writer.endObject();
  }
  writer.endArray();
}

// `uri` beside `uris` is the only one that clients before the list sent, and the first of the list
// is what old clients still read there.
void writeUris(json::Writer& writer, const json::Object& login) {
  const auto single = login.string("uri");
  checkLength(login, "uri", single.value_or(""), uriMembers()[0].maxLength);
  const auto list = login.array("uris");
  const bool listed = list && list->size() > 0;
  if (!listed && single && !single->empty()) {
    writer.field("uri", single).key("uris").beginArray().beginObject();
    writer.field("uri", single).field("uriChecksum", nullptr).field("match", nullptr);
    writer.endObject().endArray();
    return;
  }
  const bool hasFirst = listed && list->raw()[0].is_object();
  writer.field("uri", hasFirst ? list->object(0).string("uri") : std::nullopt);
  if (list) {
    writeElements(writer, "uris", uriMembers(), *list);
  } else {
    writer.field("uris", nullptr);
  }
}

void writeCredentials(json::Writer& writer, const Member& member, const json::Object& login) {
  if (const auto list = login.array(member.name)) {
    writeElements(writer, member.name, credentialMembers(), *list);
  } else {
    writer.field(member.name, nullptr);
  }
}

void writeMember(json::Writer& writer, const Member& member, const json::Object& object) {
  switch (member.kind) {
    case MemberKind::Sealed:
      return writeSealed(writer, member, object);
    case MemberKind::Date:
      return writeDate(writer, member, object);
    case MemberKind::Uris:
      return writeUris(writer, object);
    case MemberKind::Credentials:
      return writeCredentials(writer, member, object);
    case MemberKind::Flag:
      writer.field(member.name, object.boolean(member.name));
      return;
    case MemberKind::Number:
      writer.field(member.name, lenientNumber(object, member.name));
      return;
    case MemberKind::NoteType:
      writer.field(member.name, lenientNumber(object, member.name).value_or(0));
      return;
  }
}

bool isKnown(std::span<const Member> members, std::string_view name) {
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return equalsIgnoringCase(member.name, name) ||
           (member.kind == MemberKind::Uris && equalsIgnoringCase(name, "uri"));
  });
}

void writeMembers(json::Writer& writer, std::span<const Member> members, const json::Object& object,
                  std::string_view skip) {
  for (const auto& member : members) writeMember(writer, member, object);
  for (const auto& [name, value] : object.raw().items()) {
    if (isKnown(members, name) || equalsIgnoringCase(name, "response")) continue;
    if (!skip.empty() && equalsIgnoringCase(name, skip)) continue;
    std::string text;
    writeUnknownName(text, name);
    writer.rawMembers(text + canonical(value));
  }
}

bool isWholeSshKey(const TypeSchema& schema, const json::Object& data) {
  return std::none_of(schema.members.begin(), schema.members.end(),
                      [&](const Member& part) { return data.isNull(part.name); });
}

}  // namespace

void checkLength(const json::Object& object, std::string_view name, std::string_view text,
                 std::size_t maxLength) {
  if (text.size() <= maxLength) return;
  object.fail(name, "The field " + json::pascalName(name) +
                        " exceeds the maximum encrypted value length of " +
                        std::to_string(maxLength) + " characters.");
}

void writeTypeData(json::Writer& writer, const TypeSchema& schema, const json::Object& data) {
  if (schema.name == "sshKey" && !isWholeSshKey(schema, data)) {
    writer.value(nullptr);
    return;
  }
  writer.beginObject();
  writeMembers(writer, schema.members, data);
  writer.endObject();
}

void writeCustomField(json::Writer& writer, const json::Object& field) {
  writer.beginObject();
  writer.field("type", lenientNumber(field, "type").value_or(kHiddenField));
  writeMembers(writer, fieldMembers(), field, "type");
  writer.endObject();
}

}  // namespace coffer::vault
