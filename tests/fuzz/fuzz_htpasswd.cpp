// SPDX-License-Identifier: BSD-2-Clause
//
// htpasswd and rustic's acl.toml: files that an owner edits by hand, reloaded while the server
// runs.
#include "appliance/base/fault.h"
#include "services/restic/acl_file.h"
#include "services/restic/htpasswd_file.h"
#include "tests/fuzz/fuzz_input.h"

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::textOf(data, size);
  const restic::Htpasswd users = restic::parseHtpasswd(input);
  for (const auto& [user, hash] : users.hashes) {
    fuzz::require(restic::isUserName(user));
    fuzz::require(!hash.empty() && hash.find('\n') == std::string::npos);
  }
  try {
    restic::parseAclFile(input, "acl.toml");
  } catch (const UsageError&) {
    // Refused with a place, which is an answer.
  }
  return 0;
}
