// SPDX-License-Identifier: BSD-2-Clause
//
// What each command does once the command line has been read. They print results on standard output
// and everything else on standard error, return the exit codes of command_line.h, and throw
// UsageError and Fault, which the caller prints.
#pragma once

#include "appliance/runtime/command_settings.h"
#include "appliance/runtime/password_prompt.h"

#include <chrono>
#include <string>

namespace coffer::runtime {

struct ServeOptions {
  std::string program = "coffer";  // As it was called; for commands that can be copied.
  bool firstSteps = false;         // Tell what to do next even when there are users already.
};
int serve(const SettingsInput& input, const ServeOptions& options);

int configCheck(const SettingsInput& input);
int configShow(const SettingsInput& input);
int configReference(bool sample);  // `sample`: a commented file instead of the page.

int routes(const SettingsInput& input, bool json);

struct HealthcheckOptions {
  std::string url;  // Empty: the first listener.
  std::chrono::milliseconds timeout{5000};
};
int healthcheck(const SettingsInput& input, const HealthcheckOptions& options);

struct ResticUserOptions {
  std::string name;
  PasswordSource password;
  bool replace = false;  // add: give a user who exists a new password.
};
int resticUserAdd(const SettingsInput& input, const ResticUserOptions& options);
int resticUserRemove(const SettingsInput& input, const std::string& name);
int resticUserList(const SettingsInput& input, bool json);
int resticUserVerify(const SettingsInput& input, const ResticUserOptions& options);

int resticRepositoryList(const SettingsInput& input, bool json);
int resticRepositoryStat(const SettingsInput& input, const std::string& repository, bool json);

struct VaultUserOptions {
  std::string email;
  std::string name;
  std::string kdf = "pbkdf2";  // or "argon2id"
  PasswordSource password;
};
int vaultUserAdd(const SettingsInput& input, const VaultUserOptions& options);
int vaultUserInvite(const SettingsInput& input, const std::string& email);
int vaultUserUninvite(const SettingsInput& input, const std::string& email);
int vaultUserList(const SettingsInput& input, bool json);
int vaultUserEnable(const SettingsInput& input, const std::string& email, bool enable);
int vaultUserRemoveFactors(const SettingsInput& input, const std::string& email);
int vaultUserDelete(const SettingsInput& input, const std::string& email, bool confirmed);

struct WebVaultInstallOptions {
  std::string source;  // A file, or an http or https URL.
  std::string sha256;  // 64 hexadecimal digits that it must have; "": shown only.
  bool confirmed = false;
};
int webVaultInstall(const SettingsInput& input, const WebVaultInstallOptions& options);
int webVaultStatus(const SettingsInput& input);
int webVaultRemove(const SettingsInput& input, bool confirmed);

// 1 when something is wrong.
int check(const SettingsInput& input, bool json);

int jobList(const SettingsInput& input, bool json);
int jobRun(const SettingsInput& input, const std::string& name);

// Sends at once, past the outbox.
int mailTest(const SettingsInput& input, const std::string& address);
int mailQueue(const SettingsInput& input, bool json);
int mailRetry(const SettingsInput& input);

}  // namespace coffer::runtime
