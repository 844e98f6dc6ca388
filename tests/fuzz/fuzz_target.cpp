// SPDX-License-Identifier: BSD-2-Clause
//
// Request targets, and what restic's service makes of them: no segment can leave a folder.
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/http/target.h"
#include "services/restic/object_path.h"
#include "tests/fuzz/fuzz_input.h"

using namespace coffer;
using fuzz::require;

namespace {

void checkSegments(const std::vector<std::string>& segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = segments[i];
    require(segment != "." && segment != "..");
    require(!segment.empty() || i + 1 == segments.size());
    require(isUtf8(segment));
    for (const char c : segment)
      require(c != '/' && c != '\\' && static_cast<unsigned char>(c) >= 0x20);
  }
}

void checkObject(const restic::ObjectPath& path) {
  require(path.folders.size() <= 2);
  for (const std::string& folder : path.folders) require(!restic::isReservedName(folder));
  if (path.target != restic::Target::Object) return;
  require(restic::isObjectId(path.id) && path.id.size() == 64);
  require(restic::objectFile(path.repository(), path.type, path.id).find("..") ==
              std::string::npos ||
          path.repository().find("..") != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::textOf(data, size);
  const http::TargetParts parts = http::splitTarget(input);
  http::findQueryParameter(parts.query, "create");
  http::pathBelow("/restic", parts.path);
  try {
    const auto segments = http::decodeSegments(parts.path);
    checkSegments(segments);
    checkObject(restic::parseObjectPath(segments));
  } catch (const Fault&) {
    // Refused, which is an answer.
  }
  return 0;
}
