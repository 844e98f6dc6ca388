// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/web_vault_folder.h"

#include "appliance/base/fault.h"
#include "appliance/runtime/web_vault_archive.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <zlib.h>

using namespace coffer;
using namespace coffer::runtime;
using coffer::tests::TempFolder;
namespace fs = std::filesystem;

namespace {

// A tar archive, entry by entry (POSIX.1-1988).
class Tar {
 public:
  Tar& file(const std::string& name, const std::string& content) {
    entry(name, '0', content.size(), "");
    bytes_ += content;
    bytes_.resize((bytes_.size() + 511) / 512 * 512);
    return *this;
  }
  // '1' hard link, '2' symbolic link, '3' character device, '5' folder, '6' pipe.
  Tar& entry(const std::string& name, char type, std::size_t size, const std::string& link) {
    std::string head(512, '\0');
    head.replace(0, name.size(), name);
    head.replace(100, 7, "0004755");
    head.replace(108, 7, "0000000");
    head.replace(116, 7, "0000000");
    std::array<char, 12> octal;
    std::snprintf(octal.data(), octal.size(), "%011zo", size);
    head.replace(124, 11, octal.data());
    head.replace(136, 11, "00000000000");
    head[156] = type;
    head.replace(157, link.size(), link);
    head.replace(257, 8, std::string("ustar\00000", 8));
    head.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : head) sum += static_cast<unsigned char>(c);
    std::snprintf(octal.data(), octal.size(), "%06o", sum);
    head.replace(148, 7, std::string(octal.data(), 7));
    bytes_ += head;
    return *this;
  }
  std::string done() const { return bytes_ + std::string(1024, '\0'); }

 private:
  std::string bytes_;
};

std::string contentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string release(const std::string& version) {
  return Tar()
      .entry("web-vault/", '5', 0, "")
      .file("web-vault/index.html", "<html></html>")
      .file("web-vault/app/main.js", std::string(5000, 'x'))
      .file("./web-vault/version.json", R"({"version":")" + version + R"("})")
      .done();
}

std::string gzipped(const std::string& bytes) {
  const TempFolder temp;
  const std::string name = temp.path() + "/bytes.gz";
  const gzFile file = ::gzopen(name.c_str(), "wb9");
  REQUIRE(::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  REQUIRE(::gzclose(file) == Z_OK);
  return contentOf(name);
}

std::set<std::string> namesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("a release is installed, replaced and removed as a whole") {
  const TempFolder temp;
  const std::string folder = temp.path() + "/data/web-vault";
  CHECK_FALSE(describeWebVault(folder));
  const auto info = installWebVault(release("2026.1.0"), folder);
  CHECK(info.version == "2026.1.0");
  CHECK(info.files == 4);
  CHECK(contentOf(folder + "/index.html") == "<html></html>");
  CHECK(contentOf(folder + "/app/main.js.gz").starts_with("\x1F\x8B"));
  CHECK(fs::file_size(folder + "/app/main.js.gz") < 200);
  CHECK_FALSE(fs::exists(folder + "/index.html.gz"));
  const auto mode = fs::status(folder + "/index.html").permissions();
  CHECK((mode & (fs::perms::set_uid | fs::perms::owner_exec | fs::perms::others_write)) ==
        fs::perms::none);

  std::ofstream(folder + "/old.js") << "old";
  fs::create_directory(temp.path() + "/data/.web-vault.new-left-behind");
  CHECK(installWebVault(release("2026.2.0"), folder + "/").version == "2026.2.0");
  CHECK_FALSE(fs::exists(folder + "/old.js"));
  CHECK(namesIn(temp.path() + "/data") == std::set<std::string>{"web-vault"});
  CHECK(describeWebVault(folder)->version == "2026.2.0");

  CHECK(removeWebVault(folder));
  CHECK_FALSE(removeWebVault(folder));
  CHECK(namesIn(temp.path() + "/data").empty());
}

TEST_CASE("a release may have no folder around it") {
  const TempFolder temp;
  const std::string folder = temp.path() + "/web-vault";
  const auto archive = Tar().file("index.html", "x").file("app/a.js", "y").done();
  CHECK(installWebVault(archive, folder).version.empty());
  CHECK(contentOf(folder + "/app/a.js") == "y");
  CHECK(namesIn(temp.path()) == std::set<std::string>{"web-vault"});
}

TEST_CASE("what is no clean release changes nothing") {
  const TempFolder temp;
  const std::string folder = temp.path() + "/web-vault";
  installWebVault(release("2026.1.0"), folder);
  std::ofstream(temp.path() + "/secret") << "secret";

  const auto index = [] { return Tar().file("index.html", "x"); };
  const std::string whole = release("2026.2.0");
  const std::pair<const char*, std::string> archives[] = {
      {"nothing", ""},
      {"no archive", std::string(2000, 'x')},
      {"an empty archive", Tar().done()},
      {"no index", Tar().file("web-vault/app.js", "x").done()},
      {"cut off", whole.substr(0, 4000)},
      {"an absolute path", index().file("/tmp/coffer-evil", "x").done()},
      {"a way up", index().file("../evil", "x").done()},
      {"a way up inside", index().file("app/../../evil", "x").done()},
      {"an empty segment", index().file("app//evil", "x").done()},
      {"a symbolic link", index().entry("link", '2', 0, "/etc").done()},
      {"a file behind a link",
       index().entry("app", '2', 0, temp.path()).file("app/evil", "x").done()},
      {"a hard link", index().entry("link", '1', 0, temp.path() + "/secret").done()},
      {"a device", index().entry("device", '3', 0, "").done()},
      {"a pipe", index().entry("pipe", '6', 0, "").done()},
      {"a name twice", index().file("index.html", "y").done()},
      {"a file as a folder", index().file("index.html/x", "y").done()},
  };
  for (const auto& archive : archives) {
    const std::string name = archive.first;
    CAPTURE(name);
    CHECK_THROWS(installWebVault(archive.second, folder));
    CHECK(describeWebVault(folder)->version == "2026.1.0");
    CHECK(namesIn(temp.path()) == std::set<std::string>{"secret", "web-vault"});
    CHECK_FALSE(fs::exists("/tmp/coffer-evil"));
  }
  CHECK(contentOf(temp.path() + "/secret") == "secret");
}

TEST_CASE("a damaged gzip is refused, even where what is in it can still be read") {
  const TempFolder temp;
  const std::string folder = temp.path() + "/web-vault";
  const std::string whole = gzipped(release("2026.1.0"));
  std::string wrong = whole;
  wrong[whole.size() - 8] = static_cast<char>(wrong[whole.size() - 8] ^ 1);  // In the checksum.
  CHECK_THROWS_AS(installWebVault(wrong, folder), UsageError);
  CHECK_THROWS_AS(installWebVault(whole.substr(0, whole.size() - 1), folder), UsageError);
  CHECK(namesIn(temp.path()).empty());

  CHECK(installWebVault(whole, folder).version == "2026.1.0");
  // As some tools pack it: in two members, with padding behind.
  const std::string plain = release("2026.2.0");
  const std::string two = gzipped(plain.substr(0, 1000)) + gzipped(plain.substr(1000));
  CHECK(installWebVault(two + std::string(512, '\0'), folder).version == "2026.2.0");
}

TEST_CASE("an archive larger than the limits is refused while it is unpacked") {
  const TempFolder temp;
  const auto archive =
      Tar().file("a", std::string(600, 'x')).file("b", std::string(600, 'x')).done();
  CHECK_THROWS_AS(unpackArchive(archive, temp.path(), {1000, 10}), UsageError);
  const TempFolder other;
  CHECK_THROWS_AS(unpackArchive(archive, other.path(), {2000, 1}), UsageError);
  const TempFolder fine;
  unpackArchive(archive, fine.path(), {1200, 2});
  CHECK(namesIn(fine.path()) == std::set<std::string>{"a", "b"});
}

TEST_CASE("a folder with something else in it is neither replaced nor removed") {
  const TempFolder temp;
  std::ofstream(temp.path() + "/photo.jpg") << "photo";
  CHECK_THROWS_AS(installWebVault(release("2026.1.0"), temp.path()), UsageError);
  CHECK_THROWS_AS(static_cast<void>(removeWebVault(temp.path())), UsageError);
  CHECK(contentOf(temp.path() + "/photo.jpg") == "photo");
  fs::create_directory(temp.path() + "/real");
  fs::create_directory_symlink(temp.path() + "/real", temp.path() + "/link");
  CHECK_THROWS_AS(installWebVault(release("2026.1.0"), temp.path() + "/link"), UsageError);
}
