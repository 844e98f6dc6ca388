// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_form.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/accounts/email.h"
#include "services/vault/ciphers/type_data.h"
#include "services/vault/encstring.h"
#include "services/vault/json/writer.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace coffer::vault {
namespace {

using storage::SendAuth;
using storage::SendType;

SendType readType(const json::Object& request) {
  constexpr std::int64_t item = 2;
  const auto type = request.requiredInteger("type");
  if (type == item) throw BadRequest("This server does not keep Sends of items.");
  if (type != 0 && type != 1) request.fail("type", "Invalid type.");
  return static_cast<SendType>(type);
}

std::optional<SendAuth> readAuth(const json::Object& request) {
  const auto auth = request.integer("authType");
  if (!auth) return std::nullopt;
  if (*auth < 0 || *auth > 2) request.fail("authType", "Invalid authentication type.");
  return static_cast<SendAuth>(*auth);
}

std::string readSealedText(const json::Object& object, std::string_view name) {
  const auto text = object.requiredString(name);
  if (!hasEncStringForm(text))
    object.fail(name, json::pascalName(name) + " is not a valid encrypted string.");
  checkLength(object, name, text, kMaxSendName);
  return std::string(text);
}

std::optional<std::string> readNotes(const json::Object& request) {
  const auto notes = request.string("notes");
  if (!notes) return std::nullopt;
  checkLength(request, "notes", *notes, kMaxSendName);
  return std::string(*notes);
}

void readPassword(const json::Object& request, SendForm& form) {
  const auto password = request.string("password");
  if (!password || password->empty()) return;
  if (*password == kPasswordMarker) {
    form.keepsPassword = true;
    return;
  }
  if (password->size() > kMaxSendPassword) request.fail("password", "The password is too long.");
  form.password = *password;
}

std::optional<std::string> readEmails(const json::Object& request) {
  const auto list = request.string("emails");
  if (!list) return std::nullopt;
  if (list->size() > kMaxSendEmails) request.fail("emails", "The list of addresses is too long.");
  std::vector<std::string> known;
  std::string emails;
  std::string_view rest = *list;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto text = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty()) continue;
    const auto email = parseEmail(text);
    if (!email) request.fail("emails", "The list holds what is no e-mail address.");
    if (std::find(known.begin(), known.end(), *email) != known.end()) continue;
    if (!emails.empty()) emails += ',';
    emails += *email;
    known.push_back(*email);
  }
  if (emails.empty()) return std::nullopt;
  return emails;
}

std::optional<std::int64_t> readMaxAccessCount(const json::Object& request) {
  const auto count = request.integer("maxAccessCount");
  if (!count) return std::nullopt;
  if (*count < 1 || *count > std::numeric_limits<std::int32_t>::max())
    request.fail("maxAccessCount", "The number of accesses is out of range.");
  return count;
}

UnixMicros readDeletionDate(const json::Object& request) {
  const auto date = request.date("deletionDate");
  if (!date) request.fail("deletionDate", "The DeletionDate field is required.");
  return *date;
}

std::string readTextData(const json::Object& request) {
  const auto part = request.object("text");
  if (!part) return {};
  const auto text = part->string("text");
  if (text) checkLength(*part, "text", *text, kMaxSendText);
  std::string data;
  json::Writer writer(data);
  writer.beginObject().field("text", text);
  writer.field("hidden", part->boolean("hidden").value_or(false)).endObject();
  return data;
}

void readFile(const json::Object& request, SendForm& form) {
  const auto file = request.object("file");
  if (file && !file->isNull("fileName")) form.fileName = readSealedText(*file, "fileName");
  form.fileLength = request.integer("fileLength");
}

void open(storage::Send& send) {
  send.auth = SendAuth::None;
  send.password.reset();
  send.emails.reset();
}

bool switchesToEmails(const SendForm& form) { return form.emails && form.auth == SendAuth::Email; }

}  // namespace

SendSealing SendSealing::parse(const json::Object& request) {
  SendSealing sealing;
  sealing.name = readSealedText(request, "name");
  sealing.notes = readNotes(request);
  sealing.key = readSealedText(request, "key");
  sealing.textData = readTextData(request);
  return sealing;
}

void SendSealing::applyTo(storage::Send& send) const {
  send.name = name;
  send.notes = notes;
  send.key = key;
  if (send.type == SendType::Text && !textData.empty()) send.data = textData;
}

SendForm SendForm::parse(const json::Object& request) {
  SendForm form;
  form.type = readType(request);
  form.auth = readAuth(request);
  form.sealing = SendSealing::parse(request);
  readPassword(request, form);
  form.emails = readEmails(request);
  form.maxAccessCount = readMaxAccessCount(request);
  form.expiresAt = request.date("expirationDate");
  form.deletionAt = readDeletionDate(request);
  form.disabled = request.boolean("disabled").value_or(false);
  form.hideEmail = request.boolean("hideEmail").value_or(false);
  if (form.type == SendType::Text && form.sealing.textData.empty())
    request.fail("text", "The Text field is required.");
  if (form.type == SendType::File) readFile(request, form);
  return form;
}

const std::optional<std::string>& SendForm::newPassword() const {
  static const std::optional<std::string> none;
  return switchesToEmails(*this) ? none : password;
}

void requireDeletionDate(const SendForm& form, UnixMicros now) {
  if (form.deletionAt > now + kMaxSendLifetime) {
    throw BadRequest(
        "You cannot have a Send with a deletion date that far into the future. Adjust the Deletion "
        "Date to a value less than 31 days from now and try again.");
  }
  if (form.deletionAt <= now) throw BadRequest("The deletion date of the Send has passed.");
}

void applyAuth(storage::Send& send, const SendForm& form,
               const std::optional<storage::PasswordVerifier>& hashed) {
  if (hashed) {
    open(send);
    send.auth = SendAuth::Password;
    send.password = hashed;
  } else if (switchesToEmails(form) || (form.emails && !form.auth && !form.keepsPassword)) {
    open(send);
    send.auth = SendAuth::Email;
    send.emails = form.emails;
  } else if (form.auth == SendAuth::None && !form.keepsPassword) {
    open(send);
  }
  if (form.auth == SendAuth::Password && send.auth != SendAuth::Password)
    throw BadRequest("The Send is to ask for a password, and none was given.");
  if (form.auth == SendAuth::Email && send.auth != SendAuth::Email)
    throw BadRequest("The Send is to be for certain addresses, and none was given.");
}

}  // namespace coffer::vault
