// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/static_file.h"

#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <vector>

using namespace coffer::vault;
using coffer::tests::TempFolder;
namespace fs = std::filesystem;

using Segments = std::vector<std::string>;

TEST_CASE("a path below the folder is made of plain names only") {
  CHECK(staticPathOf(Segments{"app", "main.js"}) == "app/main.js");
  CHECK(staticPathOf(Segments{"index.html"}) == "index.html");
  for (const Segments& segments :
       {Segments{}, Segments{""}, Segments{"app", ""}, Segments{".git", "config"},
        Segments{"app", ".htaccess"}, Segments{".."}, Segments{"a", "..", "b"}, Segments{"."},
        Segments{"a\\..\\b"}, Segments{"", "etc"}, Segments{std::string("a\0b", 3)},
        Segments{"a/../../b"}}) {
    CHECK_FALSE(staticPathOf(segments));
  }
}

TEST_CASE("regular files are opened, links and everything else is not") {
  const TempFolder folder;
  const fs::path root = folder.path() + "/build";
  fs::create_directories(root / "app");
  std::ofstream(root / "app/main.js") << "one";
  std::ofstream(folder.path() + "/outside") << "secret";
  fs::create_symlink(folder.path() + "/outside", root / "link");
  fs::create_directory_symlink(folder.path(), root / "linked");
  REQUIRE(::mkfifo((root / "pipe").c_str(), 0600) == 0);

  const auto open = [&](const char* path) { return openStaticFile(root, path); };
  REQUIRE(open("app/main.js"));
  CHECK(open("app/main.js")->size == 3);
  for (const char* path : {"missing", "app", "link", "linked/outside", "pipe", "../outside",
                           "app/../../outside", ""}) {
    CAPTURE(path);
    CHECK_FALSE(open(path));
  }
  CHECK_FALSE(openStaticFile(folder.path() + "/none", "app/main.js"));
  CHECK_FALSE(openStaticFile(root / "app/main.js", "app/main.js"));

  const auto before = open("app/main.js")->entityTag;
  CHECK(before == open("app/main.js")->entityTag);
  CHECK(before.front() == '"');
  CHECK(before.back() == '"');
  std::ofstream(root / "app/next.js") << "two";
  fs::last_write_time(root / "app/next.js", fs::last_write_time(root / "app/main.js"));
  fs::rename(root / "app/next.js", root / "app/main.js");
  CHECK(before != open("app/main.js")->entityTag);
}

TEST_CASE("content types are those browsers insist on") {
  struct Row {
    const char* name;
    std::string_view type;
  };
  const Row rows[] = {
      {"index.html", "text/html; charset=utf-8"},
      {"app/main.js", "text/javascript; charset=utf-8"},
      {"main.js.map", "application/json"},
      {"0123456789abcdef.module.wasm", "application/wasm"},
      {"a.css", "text/css; charset=utf-8"},
      {"a.svg", "image/svg+xml"},
      {"font.woff2", "font/woff2"},
      {"site.webmanifest", "application/manifest+json"},
      {"favicon.ico", "image/x-icon"},
      {"LICENSE", "application/octet-stream"},
      {"a.exe", "application/octet-stream"},
      {"html", "application/octet-stream"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(contentTypeOf(row.name) == row.type);
  }
}

TEST_CASE("only a name with a hash in it promises that its content never changes") {
  for (const char* name : {"main.3f2a9b0c1d4e5f60a1b2.js", "3f2a9b0c.module.wasm",
                           "vendor.3f2a9b0c.js.map", "a.b.01234567.css"}) {
    CAPTURE(name);
    CHECK(hasHashedName(name));
  }
  for (const char* name : {"index.html", "webauthn-connector.html", "main.js", "messages.json",
                           "3f2a9b0c", "main.deadbeef", "facade.js", "main.deadbeef.js",
                           "main.3f2a9b.js", "main.3F2A9B0C.js", "main.3f2a9b0x.js", "", "."}) {
    CAPTURE(name);
    CHECK_FALSE(hasHashedName(name));
  }
}
