// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/error_body.h"

#include "appliance/http/service.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/json/model_error.h"
#include "services/vault/json/writer.h"

#include <string>
#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

using FieldTexts = std::vector<std::pair<std::string, std::string>>;

std::string messageOf(const http::Request& request, const Fault& fault) {
  switch (fault.kind()) {
    case FaultKind::Internal:
      return "An unhandled server error has occurred.";
    case FaultKind::Unauthorized:
      return "Unauthorized.";
    case FaultKind::NotFound:
      return request.route() == nullptr ? "Resource not found." : fault.clientText();
    default:
      return fault.clientText();
  }
}

// The names OAuth has, for refusals that are no IdentityError.
std::string oauthErrorOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::TooManyRequests:
    case FaultKind::Unavailable:
      return "temporarily_unavailable";
    case FaultKind::Internal:
    case FaultKind::InsufficientStorage:
      return "server_error";
    default:
      return "invalid_request";
  }
}

// {"Field":["text", …], …}, or null. Texts of one field stand next to each other in `texts`.
void writeValidationErrors(json::Writer& writer, const FieldTexts& texts) {
  if (texts.empty()) {
    writer.value(nullptr);
    return;
  }
  std::string object;
  object += '{';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool isContinued = i > 0 && texts[i].first == texts[i - 1].first;
    if (i > 0) object += isContinued ? "," : "],";
    if (!isContinued) {
      json::appendQuoted(object, texts[i].first);
      object += ":[";
    }
    json::appendQuoted(object, texts[i].second);
  }
  object += "]}";
  writer.raw(object);
}

void writeApiMembers(json::Writer& writer, const std::string& message, const FieldTexts& texts) {
  writer.field("object", "error").field("message", message).key("validationErrors");
  writeValidationErrors(writer, texts);
  writer.field("exceptionMessage", nullptr)
      .field("exceptionStackTrace", nullptr)
      .field("innerExceptionMessage", nullptr);
}

void writeIdentityMembers(json::Writer& writer, const std::string& error,
                          const std::string& description, const std::string& message,
                          const FieldTexts& texts) {
  writer.field("error", error).field("error_description", description).key("ErrorModel");
  writer.beginObject().field("Message", message).key("ValidationErrors");
  writeValidationErrors(writer, texts);
  writer.field("ExceptionMessage", nullptr)
      .field("ExceptionStackTrace", nullptr)
      .field("InnerExceptionMessage", nullptr)
      .field("Object", "error")
      .endObject();
}

}  // namespace

http::Response renderVaultError(const http::Request& request, const Fault& fault) {
  std::string body;
  json::Writer writer(body);
  const std::string message = messageOf(request, fault);
  FieldTexts texts;
  if (const auto* model = dynamic_cast<const json::ModelError*>(&fault)) texts = model->errors();

  writer.beginObject();
  if (const auto* identity = dynamic_cast<const IdentityError*>(&fault)) {
    if (identity->message().empty()) {
      writer.field("error", identity->error());
    } else {
      writeIdentityMembers(writer, identity->error(), identity->description(), message, texts);
      writer.rawMembers(identity->members());
      writeApiMembers(writer, message, texts);
    }
  } else {
    if (request.path().starts_with("/identity/")) {
      writeIdentityMembers(writer, oauthErrorOf(fault.kind()), message, message, texts);
    }
    writeApiMembers(writer, message, texts);
  }
  writer.endObject();

  auto response = http::Response::json(std::move(body), http::statusOf(fault.kind()));
  if (fault.kind() == FaultKind::Unauthorized) response.header("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace coffer::vault
