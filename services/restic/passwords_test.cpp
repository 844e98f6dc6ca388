// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"
#include "services/restic/apr1.h"
#include "services/restic/basic_credentials.h"
#include "services/restic/htpasswd_editor.h"
#include "services/restic/htpasswd_file.h"
#include "services/restic/password_hash.h"
#include "services/restic/user_file.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace coffer;
using namespace coffer::restic;
using coffer::tests::TempFolder;

namespace {

std::string contentOf(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("hashes made by htpasswd are verified") {
  const std::pair<const char*, HashKind> made[] = {
      {"$2y$05$GexI8Ho0YLtBg4XBLq9H9OS9Wuwa8PJZlwyqcV32VE9NCT1H6P0om", HashKind::Bcrypt},
      {"{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=", HashKind::Sha1},
      {"$apr1$nxTfmkF.$2EgehF9a9AAIc7ptZi9a.0", HashKind::Apr1},
      {"$5$AwCo7pmF52PvODEj$qiESIcqAwuukwDsj2fUzu4TA7ZAAc.Fsxc2MXkm.LxD", HashKind::ShaCrypt},
      {"$6$Nafx7wWhTfYh4V8K$bgU8JJhObupl4vplxmKhsF7uPz3N5BvQDFai7HPl2h8UZh0PPdyAiEMG8j1VTMTY3BMf1m"
       "ZPkGRUmQIZ2TYaC.",
       HashKind::ShaCrypt},
  };
  for (const auto& row : made) {
    const std::string hash = row.first;
    const HashKind kind = row.second;
    CAPTURE(hash);
    CHECK(kindOfHash(hash) == kind);
    CHECK(verifyPassword("right", hash));
    CHECK_FALSE(verifyPassword("wrong", hash));
    CHECK_FALSE(verifyPassword("", hash));
    CHECK_FALSE(verifyPassword(std::string_view("right\0x", 7), hash));
    const std::string decoy = decoyFor(hash);
    CHECK(kindOfHash(decoy) == kind);
    CHECK_FALSE(verifyPassword("right", decoy));
  }
  CHECK(verifyPassword(std::string(40, 'a'), "$apr1$OUD8IS7e$06Z8MzbXbhF/xE56fKQEl1"));
  CHECK(verifyPassword("", "$apr1$PP593Ms8$R9uPBwytGzF4x7cEqa8ZR0"));
  CHECK(verifyPassword("pässwörd", "$apr1$vAfUyJFe$Vh3mQFOpkJi7lzHGw2kg81"));
}

TEST_CASE("hashes that are unsafe, malformed or far too costly are unusable") {
  for (const char* hash :
       {"", "plain", "wA2k6iN4Zb3l.", "$1$salt$xxxxxxxxxxxxxxxxxxxxxx", "{SHA}x", "{SHA}AAAA",
        "$2x$05$GexI8Ho0YLtBg4XBLq9H9OS9Wuwa8PJZlwyqcV32VE9NCT1H6P0om",
        "$2y$31$GexI8Ho0YLtBg4XBLq9H9OS9Wuwa8PJZlwyqcV32VE9NCT1H6P0om",
        "$2y$05$GexI8Ho0YLtBg4XBLq9H9OS9Wuwa8PJZlwyqcV32VE9NCT1H6P0o",
        "$5$rounds=999999999$abc$qiESIcqAwuukwDsj2fUzu4TA7ZAAc.Fsxc2MXkm.LxD",
        "$5$AwCo7pmF52PvODEjX$qiESIcqAwuukwDsj2fUzu4TA7ZAAc.Fsxc2MXkm.LxD",
        "$apr1$toolongsalt$2EgehF9a9AAIc7ptZi9a.0", "$apr1$salt", "$argon2id$v=19$m=1,t=1,p=1$a$b",
        "$y$j9T$abc$def"}) {
    CAPTURE(hash);
    CHECK(kindOfHash(hash) == HashKind::Unusable);
    CHECK_FALSE(verifyPassword("plain", hash));
  }
}

TEST_CASE("a new hash is bcrypt, and a password that bcrypt would cut is refused") {
  const std::string hash = hashPassword("s3cret", 4);
  CHECK(hash.starts_with("$2y$04$"));
  CHECK(verifyPassword("s3cret", hash));
  CHECK(hashPassword("s3cret", 4) != hash);
  CHECK(verifyPassword(std::string(72, 'p'), hashPassword(std::string(72, 'p'), 4)));
  CHECK_THROWS_AS(hashPassword(std::string(73, 'p'), 4), UsageError);
  CHECK_THROWS_AS(hashPassword("", 4), UsageError);
  CHECK_THROWS_AS(hashPassword(std::string("a\0b", 3), 4), UsageError);
  CHECK_THROWS_AS(hashPassword("x", 3), UsageError);
  CHECK_THROWS_AS(hashPassword("x", 18), UsageError);
}

TEST_CASE("user names are letters of any script, digits and four signs") {
  for (const char* good : {"alice", "Bob-1_x.y@z", "ж", "jürgen", "名前", ".", "data"}) {
    CHECK(isUserName(good));
  }
  for (const char* bad : {"", "a/b", "a b", "$x", "a:b", "\xff", "a\tb", "½", "x\u2603"}) {
    CAPTURE(bad);
    CHECK_FALSE(isUserName(bad));
  }
}

TEST_CASE("a bad line of a password file is reported and never keeps the others out") {
  const std::string sha = "{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=";
  const auto file = parseHtpasswd(
      "\xEF\xBB\xBF"
      "first:" +
      sha + "\r\n" +
      "no colon here\n"
      "   \n"
      "# comment\n"
      "   # indented comment\n"
      "  blanks:  " +
      sha + "\n" + "third:" + sha + ":extra\n" + "quo\"te:" + sha + "\n" + "bad/user:" + sha +
      "\n" + ":" + sha + "\n" +
      "twice:{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
      "des:wA2k6iN4Zb3l.\n"
      "twice:" +
      sha + "\n" + "last:" + sha);
  std::vector<std::string> users;
  for (const auto& [user, hash] : file.hashes) {
    users.push_back(user);
    CHECK(hash == sha);
  }
  CHECK(users == std::vector<std::string>{"blanks", "first", "last", "third", "twice"});
  std::vector<std::size_t> lines;
  for (const auto& issue : file.issues) {
    lines.push_back(issue.line);
    CHECK(issue.text.find("0nofEX") == std::string::npos);
    CHECK(issue.text.find("wA2k6iN4") == std::string::npos);
  }
  CHECK(lines == std::vector<std::size_t>{2, 8, 9, 10, 12});
  CHECK(file.issues[2].text ==
        "Ignoring invalid username \"bad/user\" in htpasswd, consists of characters other than "
        "letters, numbers, '_', '-', '.' and '@'");
  CHECK(parseHtpasswd("").hashes.empty());
}

TEST_CASE("the editor changes one user and keeps every other line") {
  TempFolder temp;
  const std::string path = temp.path() + "/htpasswd";
  HtpasswdEditor editor(path);
  CHECK(editor.setPassword("alice", "one", 4) == HtpasswdEditor::Change::Added);
  {
    std::ofstream out(path, std::ios::app);
    out << "# kept\nno colon\nweird/name:x\nbob:wA2k6iN4Zb3l.";
  }
  CHECK(editor.setPassword("alice", "two", 4) == HtpasswdEditor::Change::Replaced);
  CHECK(editor.verify("alice", "two") == HtpasswdEditor::Verdict::Right);
  CHECK(editor.verify("alice", "one") == HtpasswdEditor::Verdict::Wrong);
  CHECK(editor.verify("eve", "one") == HtpasswdEditor::Verdict::NoSuchUser);
  CHECK(
      contentOf(path).starts_with("# kept\nno colon\nweird/name:x\nbob:wA2k6iN4Zb3l.\nalice:$2y$"));
  CHECK(editor.list().size() == 3);
  CHECK(editor.remove("alice"));
  CHECK_FALSE(editor.remove("alice"));
  CHECK(contentOf(path) == "# kept\nno colon\nweird/name:x\nbob:wA2k6iN4Zb3l.\n");
  CHECK_THROWS_AS(editor.setPassword("a/b", "x", 4), UsageError);
  CHECK_THROWS_AS(editor.setPassword("locks", "x", 4), UsageError);
  CHECK_THROWS_AS(editor.setPassword("alice", std::string(73, 'x'), 4), UsageError);
}

TEST_CASE("Apache's own tool and ours read each other's files") {
  if (std::system("command -v htpasswd >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: htpasswd (apache2-utils) is not installed");
    return;
  }
  TempFolder temp;
  const std::string path = temp.path() + "/htpasswd";
  const auto run = [&](const std::string& arguments) {
    return std::system(("htpasswd " + arguments + " >/dev/null 2>&1").c_str());
  };
  REQUIRE(run("-cbB -C 4 " + path + " bcrypt secret1") == 0);
  REQUIRE(run("-bm " + path + " apr1 secret2") == 0);
  REQUIRE(run("-bs " + path + " sha secret3") == 0);
  REQUIRE(run("-bm " + path + " long " + std::string(100, 'q')) == 0);
  HtpasswdEditor editor(path);
  CHECK(editor.verify("bcrypt", "secret1") == HtpasswdEditor::Verdict::Right);
  CHECK(editor.verify("apr1", "secret2") == HtpasswdEditor::Verdict::Right);
  CHECK(editor.verify("sha", "secret3") == HtpasswdEditor::Verdict::Right);
  CHECK(editor.verify("long", std::string(100, 'q')) == HtpasswdEditor::Verdict::Right);
  CHECK(editor.verify("apr1", "secret3") == HtpasswdEditor::Verdict::Wrong);
  editor.setPassword("ours", "secret4", 4);
  CHECK(run("-vb " + path + " ours secret4") == 0);
  CHECK(run("-vb " + path + " ours secret5") != 0);
}

TEST_CASE("Basic credentials") {
  CHECK(parseBasicCredentials("Basic YTpi")->user == "a");
  CHECK(parseBasicCredentials("bAsIc YTpi")->password.reveal() == "b");
  CHECK(parseBasicCredentials("Basic Og==")->user.empty());
  CHECK(parseBasicCredentials("Basic YTpiOmM=")->password.reveal() == "b:c");
  for (const char* bad : {"", "Basic", "Basic ", "Basic YWI=", "Basic !!!!", "Bearer YTpi", "YTpi",
                          "Basic YTp", "BasicYTpi"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseBasicCredentials(bad).has_value());
  }
}

TEST_CASE("a password file that vanishes or breaks keeps the users that were known") {
  TempFolder temp;
  const std::string path = temp.path() + "/htpasswd";
  CHECK_THROWS_AS(UserFile(path, UserFile::WhenMissing::Refuse), UsageError);
  UserFile file(path, UserFile::WhenMissing::NoUsers);
  CHECK(file.current()->hashes.empty());
  std::ofstream(path) << "bob:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n";
  file.reload();
  CHECK(file.current()->hashes.size() == 1);
  CHECK_FALSE(file.current()->decoy.empty());
  std::filesystem::remove(path);
  file.reload();
  CHECK(file.current()->hashes.size() == 1);
  std::filesystem::create_directory(path);
  file.reload();
  CHECK(file.current()->hashes.size() == 1);
}
