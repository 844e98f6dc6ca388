// SPDX-License-Identifier: BSD-2-Clause
//
// Reads rustic_server's acl.toml as it is: one table per repository, "user = level" in it,
// "[default]" for the repository at the root. Of TOML it takes what that file is made of: comments,
// tables, bare and quoted keys, string values.
//
//   [alex]
//   alex = "Modify"
//   bob = "Append"
//
// Levels: NoAccess and ForceUnlock (which by that server's own rules opens nothing), Read, Append,
// Modify.
#pragma once

#include "services/restic/access_rules.h"

#include <string>
#include <string_view>

namespace coffer::restic {

// Throws UsageError ("acl.toml:12: unknown level …"); `fileName` is for that text only.
AccessTables parseAclFile(std::string_view text, const std::string& fileName);

// Throws UsageError also when the file cannot be read.
AccessTables loadAclFile(const std::string& path);

}  // namespace coffer::restic
