// SPDX-License-Identifier: BSD-2-Clause
//
// `coffer check`: whether the vault's data is whole. Reads, beside a running server.
#include "appliance/base/bytes.h"
#include "appliance/base/clock.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/service_options.h"
#include "services/vault/files/check_files.h"
#include "services/vault/json/writer.h"
#include "storage/blobs/blob_store.h"
#include "storage/database/database.h"

#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace coffer::runtime {
namespace {

constexpr int kSound = 0;
constexpr int kBroken = 1;
constexpr int kNoVault = 3;

struct Findings {
  std::vector<std::string> database;
  vault::FileReport files;

  [[nodiscard]] bool isSound() const { return database.empty() && files.problems.empty(); }
};

// One line that is written over; nothing when nobody looks.
class Progress {
 public:
  void show(const std::string& text) {
    if (!isTerminal_) return;
    std::cerr << '\r' << text << "\x1b[K" << std::flush;
    shown_ = true;
  }
  ~Progress() {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  bool isTerminal_ = ::isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
};

Findings look(const std::string& databaseFile) {
  Progress progress;
  Findings findings;
  storage::Database database(databaseFile);
  progress.show("reading the database");
  findings.database = database.findDamage();
  const storage::BlobStore files({std::filesystem::path(databaseFile).parent_path().string()});
  findings.files = vault::checkFiles(
      database, files, SystemClock().now(),
      [&](std::uint64_t looked) { progress.show(std::to_string(looked) + " files"); });
  return findings;
}

std::string asJson(const Findings& findings) {
  std::string out;
  vault::json::Writer json(out);
  json.beginObject().field("sound", findings.isSound());
  json.key("database").beginArray();
  for (const auto& line : findings.database) json.value(line);
  json.endArray();
  json.field("files", findings.files.files).field("bytes", findings.files.bytes);
  json.field("leftovers", findings.files.leftovers).key("problems").beginArray();
  for (const auto& problem : findings.files.problems) {
    json.beginObject().field("problem", vault::nameOf(problem.kind)).field("path", problem.path);
    json.field("expectedBytes", problem.expected).field("foundBytes", problem.found).endObject();
  }
  json.endArray().endObject();
  return out + "\n";
}

std::string describe(const vault::FileProblem& problem) {
  using enum vault::FileProblem::Kind;
  std::string text = std::string(vault::nameOf(problem.kind)) + ": " + problem.path;
  if (problem.kind != Unknown) text += ", " + std::to_string(problem.expected) + " bytes expected";
  if (problem.kind != Missing) text += ", " + std::to_string(problem.found) + " bytes found";
  return text;
}

std::string asText(const Findings& findings) {
  std::string out;
  for (const auto& line : findings.database) out += "database: " + line + "\n";
  for (const auto& problem : findings.files.problems) out += describe(problem) + "\n";
  out += std::to_string(findings.files.files) + " files of attachments and Sends, " +
         formatByteSize(findings.files.bytes) + "\n";
  if (findings.files.leftovers != 0)
    out +=
        std::to_string(findings.files.leftovers) +
        " files left by uploads and removals that did not end, or just ending; the jobs take them "
        "away\n";
  const auto problems = findings.database.size() + findings.files.problems.size();
  return out + (problems == 0 ? "everything is in its place\n"
                              : std::to_string(problems) + " problems\n");
}

}  // namespace

int check(const SettingsInput& input, bool json) {
  const config::Settings settings = loadSettings(input);
  becomeOwnerOf(settings.dataDir);
  tightenUmask(077);
  const std::string file = vaultDatabase(settings);
  if (!std::filesystem::exists(file)) throw UsageError("there is no vault: " + file, kNoVault);
  const auto findings = look(file);
  std::cout << (json ? asJson(findings) : asText(findings));
  return findings.isSound() ? kSound : kBroken;
}

}  // namespace coffer::runtime
