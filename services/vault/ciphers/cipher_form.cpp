// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_form.h"

#include "appliance/base/bytes.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/ciphers/type_data.h"
#include "services/vault/encstring.h"
#include "services/vault/json/writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::string_view kRepromptStart = "\"reprompt\":";

std::string_view requiredName(const json::Object& request) {
  const auto name = request.requiredString("name");
  if (!hasEncStringForm(name)) request.fail("name", "Name is not a valid encrypted string.");
  checkLength(request, "name", name, kMaxName);
  return name;
}

std::optional<std::string_view> optionalKey(const json::Object& request) {
  const auto key = request.string("key");
  if (!key || key->empty()) return std::nullopt;
  if (!hasEncStringForm(*key)) request.fail("key", "Key is not a valid encrypted string.");
  return key;
}

// Present and a date sets, null clears. Absent keeps, since clients of before the archive do not
// send it, and so does what is no date.
std::optional<std::optional<UnixMicros>> archiveChange(const json::Object& request) {
  if (!request.has("archivedDate")) return std::nullopt;
  if (request.isNull("archivedDate")) return std::optional<UnixMicros>();
  const auto date = request.date("archivedDate");
  if (!date) return std::nullopt;
  return date;
}

std::string sealedMember(const json::Object& request, std::string_view name) {
  const auto text = request.requiredString(name);
  if (!hasEncStringForm(text)) request.fail(name, "Not a valid encrypted string.");
  checkLength(request, name, text, kMaxName);
  return std::string(text);
}

// The object under `name`, unless it is empty. Anything else there is not for us: some send an item
// back as they got it, with a list.
std::optional<json::Object> nonEmptyMap(const json::Object& request, std::string_view name) {
  const auto* value = request.find(name);
  if (value == nullptr || !value->is_object() || value->empty()) return std::nullopt;
  return request.object(name);
}

// `attachments2` maps ids to {fileName, key}; `attachments` of older clients maps them to names.
std::vector<AttachmentSealing> readAttachments(const json::Object& request) {
  std::vector<AttachmentSealing> sealings;
  if (const auto byId = nonEmptyMap(request, "attachments2")) {
    for (const auto& [id, value] : byId->raw().items()) {
      if (value.is_null()) continue;
      const auto sealing = byId->requiredObject(id);
      sealings.push_back({toLowerAscii(id), sealedMember(sealing, "fileName"), std::nullopt});
      if (!sealing.string("key").value_or("").empty())
        sealings.back().key = sealedMember(sealing, "key");
    }
  } else if (const auto names = nonEmptyMap(request, "attachments")) {
    for (const auto& [id, value] : names->raw().items())
      if (!value.is_null())
        sealings.push_back({toLowerAscii(id), sealedMember(*names, id), std::nullopt});
  }
  return sealings;
}

int readType(const json::Object& request) {
  const auto type = request.requiredInteger("type");
  if (!isCipherType(type)) request.fail("type", "Invalid type.");
  return static_cast<int>(type);
}

void writeFields(json::Writer& writer, const json::Object& request) {
  writer.key("fields").beginArray();
  if (const auto fields = request.array("fields"))
    for (std::size_t i = 0; i < fields->size(); ++i)
      if (!fields->raw()[i].is_null()) writeCustomField(writer, fields->object(i));
  writer.endArray();
}

// An entry without a password says nothing and breaks clients: it is left out.
void writePasswordHistory(json::Writer& writer, const json::Object& request) {
  writer.key("passwordHistory").beginArray();
  if (const auto history = request.array("passwordHistory")) {
    for (std::size_t i = 0; i < history->size(); ++i) {
      if (!history->raw()[i].is_object()) continue;
      const auto entry = history->object(i);
      const auto* password = entry.find("password");
      if (password == nullptr || !password->is_string()) continue;
      const auto& text = password->get_ref<const std::string&>();
      checkLength(entry, "password", text, kMaxHistoryPassword);
      writer.beginObject().field("password", text);
      writer.dateField("lastUsedDate", entry.date("lastUsedDate").value_or(0)).endObject();
    }
  }
  writer.endArray();
}

std::string sharedMembers(const json::Object& request, std::size_t maxNotes, bool hasData) {
  std::string out;
  json::Writer writer(out);
  writer.field("name", requiredName(request));
  const auto notes = request.string("notes");
  checkLength(request, "notes", notes.value_or(""), maxNotes);
  writer.field("notes", notes).field("key", optionalKey(request));
  if (hasData) {
    const auto data = request.string("data");
    checkLength(request, "data", *data, kMaxData);
    writer.field("data", data);
  }
  writeFields(writer, request);
  writePasswordHistory(writer, request);
  return out;
}

std::optional<std::string> typeDataOf(const json::Object& request, const TypeSchema& schema) {
  const auto data = request.object(schema.name);
  if (!data) return std::nullopt;
  std::string out;
  json::Writer writer(out);
  writeTypeData(writer, schema, *data);
  return out;
}

}  // namespace

CipherForm CipherForm::parse(const json::Object& request, std::size_t maxNotes) {
  CipherForm form;
  form.path = request.path();
  form.type = readType(request);
  form.organizationId = request.uuid("organizationId");
  form.folderId = request.uuid("folderId");
  form.favorite = request.boolean("favorite");
  if (const auto reprompt = request.integer("reprompt")) form.reprompt = *reprompt == 0 ? 0 : 1;
  form.archivedAt = archiveChange(request);
  form.lastKnownRevision = request.date("lastKnownRevisionDate");
  form.encryptedFor = request.uuid("encryptedFor");
  form.encryptedByKeyId = readKeyId(request, "encryptedByKeyId");
  form.attachments = readAttachments(request);
  form.hasData = !request.isNull("data");
  form.shared = sharedMembers(request, maxNotes, form.hasData);
  for (const auto& schema : cipherTypes())
    form.typeData[static_cast<std::size_t>(schema.type - 1)] = typeDataOf(request, schema);
  return form;
}

int CipherForm::resolveType(std::optional<int> storedType) const {
  const auto sent = [&](int number) {
    return typeData[static_cast<std::size_t>(number - 1)].has_value();
  };
  const int first = storedType.value_or(type);
  if (hasData || sent(first)) return first;
  if (sent(type)) return type;
  const auto others = std::count_if(typeData.begin(), typeData.end(),
                                    [](const auto& data) { return data.has_value(); });
  if (!storedType && type == 1 && others == 1) {
    for (const auto& schema : cipherTypes())
      if (sent(schema.type)) return schema.type;
  }
  if (others == 0 && first == 2) return first;  // A note's own data says nothing.
  const auto member = json::pascalName(cipherTypes()[static_cast<std::size_t>(first - 1)].name);
  throw json::ModelError(path.empty() ? member : path + "." + member, "Data missing.");
}

std::string CipherForm::body(int resolvedType, int resolvedReprompt) const {
  std::string out(kRepromptStart);
  out.push_back(resolvedReprompt == 0 ? '0' : '1');
  out.push_back(',');
  out += shared;
  json::Writer writer(out, json::Writer::Continue::AfterElement);
  for (const auto& schema : cipherTypes()) {
    const auto& data = typeData[static_cast<std::size_t>(schema.type - 1)];
    writer.key(schema.name);
    if (schema.type != resolvedType) {
      writer.value(nullptr);
    } else if (data) {
      writer.raw(*data);
    } else {
      writer.raw(schema.type == 2 ? R"({"type":0})" : "null");
    }
  }
  return out;
}

int repromptOf(std::string_view body) {
  return body.starts_with(kRepromptStart) && body.substr(kRepromptStart.size()).starts_with('1')
             ? 1
             : 0;
}

bool hasOwnKey(std::string_view body) {
  const auto document = json::Document::parse("{" + std::string(body) + "}");
  return !document.object().string("key").value_or("").empty();
}

}  // namespace coffer::vault
