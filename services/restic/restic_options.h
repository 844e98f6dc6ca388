// SPDX-License-Identifier: BSD-2-Clause
//
// Everything the owner may say about the restic service. The runtime fills it from the settings or,
// in drop-in mode, from rest-server's flags.
#pragma once

#include "services/restic/access_rules.h"
#include "services/restic/authenticator.h"
#include "services/restic/usage_ledger.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace coffer::restic {

struct ResticOptions {
  std::string path;  // The data folder, in restic's local layout. Made when missing.

  AuthenticationOptions authentication;  // htpasswdFile "" means "<path>/.htpasswd".

  bool appendOnly = false;
  bool privateRepositories = false;
  std::vector<AccessRule> rules;
  std::string aclFile;  // An acl.toml; "" for none. Naming one makes repositories private.

  QuotaLimits quota;
  std::uint64_t maxObjectBytes = std::uint64_t{1} << 30;  // A larger upload is refused with 413.

  bool verifyUploads = true;     // Compare an upload's SHA-256 with its name.
  bool groupAccessible = false;  // Folders 0770 and files 0660 in place of 0700 and 0600.
  // Let a folder below `path` be a symbolic link, wherever it leads: a repository, or its data, on
  // another disk. Files are never followed. As rest-server does. Such a repository cannot be
  // deleted whole over HTTP, and a quota counts it as if it lay here.
  bool followLinks = false;
  bool deleteRepositories = false;  // Let whoever may modify one delete it whole over HTTP.

  std::chrono::seconds saveInterval{60};   // Of the usage file, while anything changes.
  std::chrono::hours recountInterval{24};  // Of what is stored; other programs may change it.
};

}  // namespace coffer::restic
