// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/files/file_download.h"
#include "services/vault/files/file_upload.h"
#include "services/vault/paged_answer.h"
#include "services/vault/respond.h"
#include "services/vault/sends/send_access_routes.h"
#include "services/vault/sends/send_json.h"
#include "services/vault/sends/send_operations.h"
#include "services/vault/sends/send_pages.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace coffer::vault {
namespace {

using storage::Send;
using storage::SendType;

const Session& sessionOf(const http::Request& request) { return request.attached<Session>(); }

std::string idOf(const http::Request& request) { return toLowerAscii(request.param("id")); }

SendForm formIn(const std::string& body) {
  return SendForm::parse(json::Document::parse(body).object());
}

http::Response answer(const Send& send) {
  return jsonAnswer([&](json::Writer& writer) { writeSend(writer, send); });
}

http::Response answerUpload(const Send& send) {
  return jsonAnswer([&](json::Writer& writer) { writeFileUpload(writer, send); });
}

StoredPassword hashed(const VaultContext& context, const SendForm& form) {
  const auto& password = form.newPassword();
  if (!password) return std::nullopt;
  return hashSendPassword(context, *password);
}

// Runs then(request, form, password) with the form in the body; only a new password needs the hash
// lane.
template <typename Then>
http::Response withForm(const VaultContext& context, http::Request& request, Then then) {
  auto form = formIn(request.body());
  if (!form.newPassword()) return then(request, form, std::nullopt);
  return http::Response::onLane(http::Lane::Hash,
                                [&context, form = std::move(form), then](http::Request& same) {
                                  return then(same, form, hashed(context, form));
                                });
}

http::Response list(const VaultContext& context, http::Request& request) {
  SendPages pages(sessionOf(request).userId);
  return pagedList(context.database, [pages](storage::Transaction& tx, std::string& out) mutable {
    return pages.appendPage(tx, out);
  });
}

http::Response get(const VaultContext& context, http::Request& request) {
  return answer(findSend(context, sessionOf(request), idOf(request)));
}

http::Response create(const VaultContext& context, http::Request& request) {
  return withForm(context, request,
                  [&context](http::Request& same, const SendForm& form, const StoredPassword& p) {
                    return answer(createTextSend(context, sessionOf(same), form, p));
                  });
}

http::Response announce(const VaultContext& context, http::Request& request) {
  return withForm(context, request,
                  [&context](http::Request& same, const SendForm& form, const StoredPassword& p) {
                    return answerUpload(announceFileSend(context, sessionOf(same), form, p));
                  });
}

http::Response update(const VaultContext& context, http::Request& request) {
  return withForm(context, request,
                  [&context](http::Request& same, const SendForm& form, const StoredPassword& p) {
                    return answer(updateSend(context, sessionOf(same), idOf(same), form, p));
                  });
}

http::Response removeAuth(const VaultContext& context, http::Request& request) {
  return answer(removeSendAuth(context, sessionOf(request), idOf(request)));
}

http::Response remove(const VaultContext& context, http::Request& request) {
  removeSend(context, sessionOf(request), idOf(request));
  return done();
}

// The caller's announced file with that id.
Send announcedFile(const VaultContext& context, const http::Request& request) {
  auto send = findSend(context, sessionOf(request), idOf(request));
  if (send.type != SendType::File || send.fileId != request.param("fileId"))
    throw NotFound(std::string(kNotFoundText));
  if (send.uploadedAt) throw BadRequest("The file has been uploaded already.");
  return send;
}

http::Response renewUpload(const VaultContext& context, http::Request& request) {
  return answerUpload(announcedFile(context, request));
}

std::unique_ptr<http::BodySink> upload(const VaultContext& context, http::Request& request) {
  requireSendsAllowed(context);
  const Send send = announcedFile(context, request);
  const auto size = static_cast<std::uint64_t>(send.fileSize.value_or(0));
  FileUpload file;
  file.path = sendFile(send.id, *send.fileId);
  file.maxBytes = std::min(size + kFileSizeLeeway, context.options.maxSendBytes);
  file.tooLarge = "Send file size does not match the announced one.";
  // What has come cannot be what was announced, and no other file will: nothing of it stays.
  file.check = [&context, session = sessionOf(request), id = send.id, size,
                refusal = file.tooLarge](const UploadedFile& come) {
    if (come.size > 0 && come.size + kFileSizeLeeway >= size) return;
    forgetAnnouncedSend(context, session, id);
    throw BadRequest(refusal);
  };
  file.complete = [&context, session = sessionOf(request), id = send.id](const UploadedFile& come) {
    completeFileSend(context, session, id, come.size);
    return done();
  };
  return receiveFile(context, request, std::move(file));
}

// One form with the Send in its part `model`, as very old clients send it. They are few enough for
// a password to be hashed on the disk lane.
std::unique_ptr<http::BodySink> uploadInOneStep(const VaultContext& context,
                                                http::Request& request) {
  requireSendsAllowed(context);
  Send send = newSend(sessionOf(request), SendType::File);
  FileUpload file;
  file.path = sendFile(send.id, *send.fileId);
  file.maxBytes = context.options.maxSendBytes;
  file.complete = [&context, session = sessionOf(request),
                   send = std::move(send)](const UploadedFile& come) {
    const auto* model = come.field("model");
    if (model == nullptr) throw BadRequest("The form has no part 'model'.");
    const SendForm form = formIn(*model);
    return answer(createFileSend(context, session, form, hashed(context, form), send, come.size));
  };
  return receiveFile(context, request, std::move(file));
}

http::UploadHandler uploadWith(const VaultContext& context,
                               std::unique_ptr<http::BodySink> (*handler)(const VaultContext&,
                                                                          http::Request&)) {
  return [&context, handler](http::Request& request) { return handler(context, request); };
}

}  // namespace

std::vector<http::Route> sendRoutes(const VaultContext& context) {
  using enum http::Method;
  using http::kNoBody;
  using http::Lane;
  using http::Route;
  const auto& session = context.session;
  const auto fileLimit = uploadLimit(context.options.maxSendBytes);
  std::vector<Route> table = {
      {Get, "/api/sends", session, kNoBody, Lane::Io, with(context, list)},
      {Get, "/api/sends/{id}", session, kNoBody, Lane::Io, with(context, get)},
      {Post, "/api/sends", session, kFormBody, Lane::Disk, with(context, create)},
      {Put, "/api/sends/{id}", session, kFormBody, Lane::Disk, with(context, update)},
      {Delete, "/api/sends/{id}", session, kSmallBody, Lane::Disk, with(context, remove)},
      {Put, "/api/sends/{id}/remove-password", session, kSmallBody, Lane::Disk,
       with(context, removeAuth)},
      {Put, "/api/sends/{id}/remove-auth", session, kSmallBody, Lane::Disk,
       with(context, removeAuth)},

      {Post, "/api/sends/file/v2", session, kFormBody, Lane::Disk, with(context, announce)},
      {Get, "/api/sends/{id}/file/{fileId}", session, kNoBody, Lane::Io,
       with(context, renewUpload)},
      Route::upload(Post, "/api/sends/{id}/file/{fileId}", session, fileLimit,
                    uploadWith(context, upload)),
      Route::upload(Post, "/api/sends/file", session, fileLimit,
                    uploadWith(context, uploadInOneStep)),
  };
  auto open = sendAccessRoutes(context);
  std::move(open.begin(), open.end(), std::back_inserter(table));
  return table;
}

}  // namespace coffer::vault
