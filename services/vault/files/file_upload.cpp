// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_upload.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/http/multipart.h"
#include "services/vault/files/file_walk.h"
#include "storage/blobs/blob_store.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

constexpr std::string_view kFilePart = "data";

std::string requiredBoundary(const http::Request& request) {
  auto boundary = http::multipartBoundary(request.header("Content-Type"));
  if (!boundary) throw BadRequest("Multipart form data expected.");
  return std::move(*boundary);
}

class FormSink final : public http::BodySink, private http::PartVisitor {
 public:
  FormSink(const VaultContext& context, const http::Request& request, FileUpload upload)
      : context_(context),
        upload_(std::move(upload)),
        announced_(request.contentLength()),
        parser_(requiredBoundary(request), *this) {
    if (announced_.value_or(0) > uploadLimit(upload_.maxBytes).bytes)
      throw BadRequest(upload_.tooLarge, "announced " + std::to_string(*announced_) + " bytes");
  }

  void write(std::string_view bytes) override { parser_.feed(bytes); }

  http::Response finish() override {
    parser_.finish();
    if (!writer_) throw BadRequest("No file in the form.", "the part 'data' is missing");
    file_.size = writer_->size();
    if (upload_.check) upload_.check(file_);
    if (writer_->commit() == storage::Commit::AlreadyThere)
      throw BadRequest("The file has been uploaded already.", upload_.path);
    try {
      return upload_.complete(file_);
    } catch (...) {
      takeBack();
      throw;
    }
  }

 private:
  void beginPart(const http::PartHead& head) override {
    if (head.name == kFilePart) {
      // The command line client of 2023 sends an empty part of that name before the file's.
      if (writer_ && writer_->size() > 0) throw BadRequest("More than one file in the form.");
      inFile_ = true;
      file_.fileName = head.fileName;
      // The form is hardly larger than its file: what cannot fit is refused before it comes.
      if (!writer_) {
        writer_ = context_.files.create(upload_.path, announced_, storage::Hashing::None);
      }
    } else {
      countFieldBytes(head.name.size());
      file_.fields.emplace_back(head.name, "");
    }
  }

  void partData(std::string_view bytes) override {
    if (inFile_) {
      if (bytes.size() > upload_.maxBytes - writer_->size()) throw BadRequest(upload_.tooLarge);
      writer_->append(bytes);
    } else {
      countFieldBytes(bytes.size());
      file_.fields.back().second += bytes;
    }
  }

  void endPart() override { inFile_ = false; }

  void countFieldBytes(std::size_t more) {
    fieldBytes_ += more;
    if (fieldBytes_ > kMaxUploadFields) throw BadRequest("The form's fields are too large.");
  }

  // Once a commit failed on the disk nobody knows whether the row is there; the file then stays,
  // and the sweep decides after the next start.
  void takeBack() noexcept {
    try {
      if (context_.database.isWritable() && !hasRow()) context_.files.remove(upload_.path);
    } catch (const std::exception& error) {
      log::warning("vault", "a refused upload stays until the next sweep",
                   {{"file", upload_.path}, {"error", error.what()}});
    }
  }

  // Whether a row says that the file is there: then what failed came behind the row.
  [[nodiscard]] bool hasRow() const {
    const std::string_view path = upload_.path;
    const auto owner = path.find('/') + 1;
    const auto id = path.rfind('/') + 1;
    const auto kind = path.starts_with(folderOf(storage::FileKind::Send))
                          ? storage::FileKind::Send
                          : storage::FileKind::Attachment;
    const auto row = context_.database.read([&](storage::Transaction& tx) {
      return storage::StoredFileStore(tx).find(kind, path.substr(owner, id - 1 - owner),
                                               path.substr(id));
    });
    return row && row->isUploaded;
  }

  const VaultContext& context_;
  FileUpload upload_;
  std::optional<std::uint64_t> announced_;
  http::MultipartParser parser_;
  std::unique_ptr<storage::BlobWriter> writer_;
  UploadedFile file_;
  std::size_t fieldBytes_ = 0;
  bool inFile_ = false;
};

}  // namespace

const std::string* UploadedFile::field(std::string_view name) const {
  for (const auto& [key, value] : fields)
    if (key == name) return &value;
  return nullptr;
}

std::unique_ptr<http::BodySink> receiveFile(const VaultContext& context,
                                            const http::Request& request, FileUpload upload) {
  return std::make_unique<FormSink>(context, request, std::move(upload));
}

}  // namespace coffer::vault
