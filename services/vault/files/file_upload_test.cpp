// SPDX-License-Identifier: BSD-2-Clause
//
// The order of file and row, whatever fails between them.
#include "services/vault/files/file_upload.h"

#include "appliance/base/fault.h"
#include "appliance/http/request_builder.h"
#include "services/vault/files/file_download.h"
#include "services/vault/respond.h"
#include "services/vault/testing/test_files.h"
#include "storage/blobs/blob_store.h"
#include "storage/database/database.h"
#include "storage/stores/attachment_store.h"

#include <doctest/doctest.h>

#include <memory>

namespace coffer::vault::testing {
namespace {

struct Scene {
  std::unique_ptr<http::BodySink> open(FileUpload upload,
                                       std::optional<std::uint64_t> length = {}) {
    http::RequestBuilder builder;
    builder.method(http::Method::Post).target("/upload", std::make_shared<http::MountPoint>());
    builder.header("Content-Type", "multipart/form-data; boundary=b").contentLength(length);
    request = builder.build();
    if (!upload.complete) upload.complete = [](const UploadedFile&) { return done(); };
    if (upload.path.empty()) upload.path = "attachments/owner/file";
    return receiveFile(vault.service().context(), request, std::move(upload));
  }

  static std::string part(const std::string& parameters, const std::string& content) {
    return "--b\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + content + "\r\n";
  }

  [[nodiscard]] bool isStored() {
    return vault.service().context().files.find("attachments/owner/file").has_value();
  }

  const std::string form =
      part("name=key", "sealed") + part("name=data; filename=f", "content") + "--b--\r\n";
  TestVault vault;
  http::Request request;
};

}  // namespace

TEST_CASE("the row is written when the file is there, and is told what the form said") {
  Scene scene;
  bool wasChecked = false;
  FileUpload upload{.path = {}, .maxBytes = 7};
  upload.check = [&](const UploadedFile&) {
    wasChecked = true;
    CHECK_FALSE(scene.isStored());
  };
  upload.complete = [&](const UploadedFile& file) {
    CHECK(scene.isStored());
    CHECK(file.size == 7);
    CHECK(file.fileName == "f");
    REQUIRE(file.field("key") != nullptr);
    CHECK(*file.field("key") == "sealed");
    CHECK(file.field("other") == nullptr);
    return done();
  };
  const auto sink = scene.open(std::move(upload));
  for (const char c : scene.form) sink->write({&c, 1});
  CHECK_FALSE(scene.isStored());
  CHECK(sink->finish().status() == 200);
  CHECK(wasChecked);
  CHECK(scene.isStored());
  CHECK(std::get<http::FileBody>(
            fileDownload(scene.vault.service().context(), "attachments/owner/file").body())
            .length == 7);
}

TEST_CASE("a row that is refused takes the file away again, whatever the reason") {
  Scene scene;
  const auto fails = [&](auto fault) {
    FileUpload upload{.path = {}, .maxBytes = 100};
    upload.complete = [fault](const UploadedFile&) -> http::Response { throw fault; };
    const auto sink = scene.open(std::move(upload));
    sink->write(scene.form);
    CHECK_THROWS_AS((void)sink->finish(), decltype(fault));
    CHECK_FALSE(scene.isStored());
  };
  fails(BadRequest("over quota"));
  fails(InsufficientStorage("disk full"));
  fails(Fault(FaultKind::Internal, "", "a bug"));
  fails(std::runtime_error("another"));
}

TEST_CASE("a file whose row is there stays, whatever fails behind the row") {
  Scene scene;
  const auto alice = scene.vault.signUp("alice@example.test");
  const auto item = addItem(alice);
  for (const bool isUploaded : {true, false}) {
    CAPTURE(isUploaded);
    const std::string id(20, isUploaded ? '1' : '2');
    FileUpload upload{.path = attachmentFile(item, id), .maxBytes = 100};
    upload.complete = [&](const UploadedFile& file) -> http::Response {
      scene.vault.database().write([&](storage::Transaction& tx) {
        const auto at = isUploaded ? std::optional<UnixMicros>(1) : std::nullopt;
        storage::AttachmentStore(tx).insert(item, {id, "name", {}, file.size}, 1, at);
      });
      throw std::runtime_error("no memory for the answer");
    };
    const auto sink = scene.open(std::move(upload));
    sink->write(scene.form);
    CHECK_THROWS((void)sink->finish());
    const auto stored = scene.vault.service().context().files.find(attachmentFile(item, id));
    CHECK(stored.has_value() == isUploaded);
  }
}

TEST_CASE("what is refused before the file is flushed never has a name") {
  Scene scene;
  FileUpload upload{.path = {}, .maxBytes = 100};
  upload.check = [](const UploadedFile&) { throw BadRequest("no"); };
  upload.complete = [](const UploadedFile&) -> http::Response {
    FAIL("not reached");
    return done();
  };
  const auto sink = scene.open(std::move(upload));
  sink->write(scene.form);
  CHECK_THROWS_AS((void)sink->finish(), BadRequest);
  CHECK_FALSE(scene.isStored());
}

TEST_CASE("an upload that ends early, or a form that does, leaves nothing") {
  Scene scene;
  for (std::size_t cut = 0; cut < scene.form.size() - 4; cut += 3) {
    auto sink = scene.open({.path = {}, .maxBytes = 100});
    sink->write(std::string_view(scene.form).substr(0, cut));
    if (cut % 2 == 0) CHECK_THROWS_AS((void)sink->finish(), BadRequest);
    sink.reset();
    REQUIRE(filesOf(scene.vault).empty());
  }
}

TEST_CASE("more than may come is refused before it is stored") {
  Scene scene;
  const auto sink = scene.open({.path = {}, .maxBytes = 6});
  CHECK_THROWS_AS(sink->write(scene.form), BadRequest);
  CHECK_NOTHROW((void)scene.open({.path = {}, .maxBytes = 6}, 6 + 256 * KiB));
  CHECK_THROWS_AS((void)scene.open({.path = {}, .maxBytes = 6}, 7 + 256 * KiB), BadRequest);
  CHECK_FALSE(scene.isStored());
}

TEST_CASE("a disk without room is 507 before the file comes") {
  Scene scene;
  const auto sink = scene.open({.path = {}, .maxBytes = 1ull << 60}, 1ull << 59);
  CHECK_THROWS_AS(sink->write(scene.form), InsufficientStorage);
}

TEST_CASE("an empty file before the file is passed over") {
  Scene scene;
  FileUpload upload{.path = {}, .maxBytes = 100};
  upload.complete = [](const UploadedFile& file) {
    CHECK(file.size == 7);
    CHECK(file.fileName == "f");
    return done();
  };
  const auto sink = scene.open(std::move(upload));
  sink->write("--b\r\nContent-Disposition: form-data; name=data; filename=cut\r\n\r\n");
  sink->write(scene.form);
  CHECK(sink->finish().status() == 200);
}

TEST_CASE("of two uploads to one place the first stays") {
  Scene scene;
  const auto first = scene.open({.path = {}, .maxBytes = 100});
  const auto second = scene.open({.path = {}, .maxBytes = 100});
  first->write(scene.form);
  second->write(Scene::part("name=data", "other") + "--b--");
  CHECK(first->finish().status() == 200);
  CHECK_THROWS_AS((void)second->finish(), BadRequest);
  CHECK(scene.vault.service().context().files.find("attachments/owner/file")->size == 7);
}

}  // namespace coffer::vault::testing
