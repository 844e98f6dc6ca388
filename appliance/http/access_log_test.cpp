// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/access_log.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace coffer;
using http::AccessLog;
using http::AccessLogEntry;

namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "coffer-access-log-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string contentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

AccessLogEntry plainEntry() {
  AccessLogEntry entry;
  entry.host = "192.0.2.7";
  entry.user = "alice";
  entry.time = 1'795'160'339 * kSecond;
  entry.method = "POST";
  entry.target = "/r/?create=true";
  entry.version = "HTTP/1.1";
  entry.status = 200;
  entry.bodyBytes = 17;
  entry.agent = "Go-http-client/2.0";
  entry.requestId = "0123456789abcdef";
  return entry;
}

std::string localTime(UnixMicros time) {
  const auto second = static_cast<std::time_t>(time / kSecond);
  std::tm local{};
  ::localtime_r(&second, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "[%d/%b/%Y:%H:%M:%S %z]", &local);
  return text.data();
}

std::string lineOf(const AccessLogEntry& entry, bool withRequestId = false) {
  const TemporaryFolder folder;
  AccessLog log(folder.file("access.log"), withRequestId);
  log.write(entry);
  return contentOf(folder.file("access.log"));
}

}  // namespace

TEST_CASE("an access log line is Apache's combined format") {
  CHECK(lineOf(plainEntry()) == "192.0.2.7 - alice " + localTime(plainEntry().time) +
                                    " \"POST /r/?create=true HTTP/1.1\" 200 17 \"-\" "
                                    "\"Go-http-client/2.0\"\n");
}

TEST_CASE("the request id is one more quoted field when asked for") {
  const std::string line = lineOf(plainEntry(), true);
  CHECK(line.ends_with(" \"-\" \"Go-http-client/2.0\" \"0123456789abcdef\"\n"));
}

TEST_CASE("in place of rest-server, what is empty is empty") {
  const TemporaryFolder folder;
  AccessLogEntry entry = plainEntry();
  entry.agent = "";
  AccessLog(folder.file("access.log"), false, AccessLog::Empty::Nothing).write(entry);
  CHECK(contentOf(folder.file("access.log")).ends_with(" 200 17 \"\" \"\"\n"));
}

TEST_CASE("the day of the month has two digits") {
  AccessLogEntry entry = plainEntry();
  entry.time = 1'770'100'000 * kSecond;  // Early in a month everywhere on earth.
  CHECK(lineOf(entry).find(" [0") != std::string::npos);
  CHECK(lineOf(entry).find(' ' + localTime(entry.time) + ' ') != std::string::npos);
}

TEST_CASE("nothing a client sends breaks out of its field or its line") {
  AccessLogEntry entry = plainEntry();
  entry.user = "eve [x] \"y\"";
  entry.target = "/a\"b\\c";
  entry.referer = "http://x/\r\nforged line";
  entry.agent = "caf\xC3\xA9 \"1.0\" \x1b[31m";
  const std::string line = lineOf(entry);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(line.find(R"( - eve\x20[x]\x20\"y\" [)") != std::string::npos);
  CHECK(line.find(R"("POST /a\"b\\c HTTP/1.1")") != std::string::npos);
  CHECK(line.find(R"("http://x/\x0d\x0aforged line")") != std::string::npos);
  CHECK(line.find(R"("caf\xc3\xa9 \"1.0\" \x1b[31m")") != std::string::npos);
}

TEST_CASE("what lets somebody in is not written down") {
  const struct {
    const char* target;
    const char* logged;
  } rows[] = {
      {"/notifications/hub?access_token=eyJ.a.b", "/notifications/hub?access_token=***"},
      {"/hub?id=1&Token=secret&x=2", "/hub?id=1&Token=***&x=2"},
      {"/hub?access%5Ftoken=secret&x=2", "/hub?access%5Ftoken=***&x=2"},
      {"/response?code=secret&code=again", "/response?code=***&code=***"},
      {"/attachments/a/b?token=x=y", "/attachments/a/b?token=***"},
      {"/api/sends/a/b?t=secret", "/api/sends/a/b?t=***"},
      {"/x.html?client=web&duo_code=secret", "/x.html?client=web&duo_code=***"},
      {"/r?at=1&tt=2", "/r?at=1&tt=2"},
      {"/r/?create=true", "/r/?create=true"},
      {"/r?token", "/r?token"},
      {"/r?", "/r?"},
      {"/r?a&&b=&token=", "/r?a&&b=&token=***"},
      {"/token=1", "/token=1"},
  };
  for (const auto& row : rows) {
    AccessLogEntry entry = plainEntry();
    entry.target = row.target;
    CAPTURE(row.target);
    const std::string page = "https://vault.test" + std::string(row.target);
    entry.referer = page;
    const std::string line = lineOf(entry);
    CHECK(line.find("POST " + std::string(row.logged) + " HTTP") != std::string::npos);
    CHECK(line.find("\"https://vault.test" + std::string(row.logged) + "\"") != std::string::npos);
  }
}

TEST_CASE("a request whose head could not be read still has a line") {
  AccessLogEntry entry;
  entry.host = "192.0.2.7";
  entry.status = 400;
  CHECK(lineOf(entry) == "192.0.2.7 - - " + localTime(0) + " \"-\" 400 0 \"-\" \"-\"\n");
}

TEST_CASE("after reopen lines go to a new file of the same name") {
  const TemporaryFolder folder;
  AccessLog log(folder.file("access.log"), false);
  log.write(plainEntry());
  fs::rename(folder.file("access.log"), folder.file("access.log.1"));
  log.write(plainEntry());
  log.reopen();
  log.write(plainEntry());

  const std::string rotated = contentOf(folder.file("access.log.1"));
  const std::string fresh = contentOf(folder.file("access.log"));
  CHECK(std::count(rotated.begin(), rotated.end(), '\n') == 2);
  CHECK(std::count(fresh.begin(), fresh.end(), '\n') == 1);
}

TEST_CASE("a reopen that fails keeps the old file") {
  const TemporaryFolder folder;
  fs::create_directory(folder.file("logs"));
  AccessLog log(folder.file("logs/access.log"), false);
  fs::rename(folder.file("logs"), folder.file("moved"));
  log.reopen();
  log.write(plainEntry());
  CHECK(contentOf(folder.file("moved/access.log")).starts_with("192.0.2.7 "));
}

TEST_CASE("an access log is for its owner's group to read, or for whom it is opened to") {
  const TemporaryFolder folder;
  const mode_t umask = ::umask(022);
  const AccessLog usual(folder.file("usual"), false);
  AccessLog open(folder.file("open"), false, AccessLog::Empty::Nothing, 0644);
  CHECK(fs::status(folder.file("usual")).permissions() == fs::perms(0640));
  CHECK(fs::status(folder.file("open")).permissions() == fs::perms(0644));
  fs::remove(folder.file("open"));
  open.reopen();
  CHECK(fs::status(folder.file("open")).permissions() == fs::perms(0644));
  ::umask(umask);
}

TEST_CASE("an access log that cannot be opened is named") {
  const TemporaryFolder folder;
  const std::string path = folder.file("missing/access.log");
  CHECK_THROWS_WITH_AS(AccessLog(path, false),
                       ("open " + path + ": No such file or directory").c_str(), UsageError);
}
