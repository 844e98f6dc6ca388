// SPDX-License-Identifier: BSD-2-Clause
//
// For tests of the routes: an object, its id, and a server that has the repository "r".
#pragma once

#include "services/restic/service_harness.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <string>

namespace coffer::restic::tests {

inline const std::string kBody = "hello world";
inline const std::string kId = idOf(kBody);
inline const std::string kBad(64, 'b');  // An id that is nobody's hash.

inline Harness serverWithRepository(bool appendOnly) {
  ResticOptions options;
  options.appendOnly = appendOnly;
  Harness server = Harness::withoutLogin(options);
  REQUIRE(server.post("/r/?create=true").status == 200);
  return server;
}

// The permission bits of a file or folder.
inline mode_t modeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace coffer::restic::tests
