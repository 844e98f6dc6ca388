// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/password_prompt.h"
#include "appliance/runtime/process.h"
#include "services/restic/htpasswd_editor.h"
#include "services/vault/json/writer.h"
#include "storage/blobs/durable_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace coffer::runtime {
namespace {

using restic::HtpasswdEditor;
constexpr int kNotFound = 3;

int noSuchUser(const std::string& name) {
  std::cerr << "error: there is no user \"" << name << "\"\n";
  return kNotFound;
}

std::string_view describe(restic::HashKind kind) {
  switch (kind) {
    case restic::HashKind::Bcrypt:
      return "bcrypt";
    case restic::HashKind::Sha1:
      return "sha1";
    case restic::HashKind::Apr1:
      return "apr1";
    case restic::HashKind::ShaCrypt:
      return "sha-crypt";
    case restic::HashKind::Unusable:
      break;
  }
  return "unusable";
}

bool isListed(const HtpasswdEditor& file, const std::string& name) {
  const auto users = file.list();
  return std::any_of(users.begin(), users.end(),
                     [&](const auto& user) { return user.name == name; });
}

// The file and every folder above it belong to the server's user from the beginning.
HtpasswdEditor editorFor(const config::Settings& settings) {
  const std::filesystem::path file = htpasswdFile(settings);
  becomeOwnerOf(file.parent_path());
  tightenUmask(077);
  return HtpasswdEditor(file.string());
}

}  // namespace

int resticUserAdd(const SettingsInput& input, const ResticUserOptions& options) {
  const config::Settings settings = loadSettings(input);
  HtpasswdEditor file = editorFor(settings);
  if (!options.replace && isListed(file, options.name)) {
    throw UsageError("the user \"" + options.name + "\" exists; --replace sets a new password");
  }
  const Secret password = readPassword(options.password, "Password for " + options.name, true);
  const auto folder = std::filesystem::path(htpasswdFile(settings)).parent_path();
  storage::makeDirectoriesDurably(folder.string(), 0700);
  const auto change = file.setPassword(options.name, password.reveal(),
                                       static_cast<int>(settings.restic.bcryptCost));
  std::cerr << (change == HtpasswdEditor::Change::Added ? "added " : "changed ") << options.name
            << " in " << htpasswdFile(settings) << "\n";
  return 0;
}

int resticUserRemove(const SettingsInput& input, const std::string& name) {
  const config::Settings settings = loadSettings(input);
  HtpasswdEditor file = editorFor(settings);
  if (!file.remove(name)) return noSuchUser(name);
  std::cerr << "removed " << name << " from " << htpasswdFile(settings) << "\n";
  return 0;
}

int resticUserList(const SettingsInput& input, bool json) {
  const auto users = editorFor(loadSettings(input)).list();
  std::string out;
  if (json) {
    vault::json::Writer writer(out);
    writer.beginArray();
    for (const auto& user : users) {
      writer.beginObject().field("name", user.name).field("hash", describe(user.kind)).endObject();
    }
    writer.endArray();
    out += '\n';
  } else {
    for (const auto& user : users)
      out += user.name + "\t" + std::string(describe(user.kind)) + "\n";
  }
  std::cout << out;
  return 0;
}

int resticUserVerify(const SettingsInput& input, const ResticUserOptions& options) {
  const HtpasswdEditor file = editorFor(loadSettings(input));
  const Secret password = readPassword(options.password, "Password for " + options.name, false);
  switch (file.verify(options.name, password.reveal())) {
    case HtpasswdEditor::Verdict::Right:
      std::cout << "the password is right\n";
      return 0;
    case HtpasswdEditor::Verdict::Wrong:
      std::cerr << "the password is wrong\n";
      return 1;
    case HtpasswdEditor::Verdict::NoSuchUser:
      break;
  }
  return noSuchUser(options.name);
}

}  // namespace coffer::runtime
