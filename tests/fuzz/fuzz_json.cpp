// SPDX-License-Identifier: BSD-2-Clause
//
// Request bodies: read leniently, refused clearly, never fatal.
#include "appliance/base/fault.h"
#include "services/vault/json/request_reader.h"
#include "tests/fuzz/fuzz_input.h"

using namespace coffer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto document = vault::json::Document::parse(fuzz::textOf(data, size));
    const vault::json::Object body = document.object();
    for (const char* name : {"name", "login", "type", "ids", "lastKnownRevisionDate"}) {
      static_cast<void>(body.has(name));
      body.date(name);
      try {
        body.string(name);
        body.integer(name);
        body.boolean(name);
        body.uuids(name);
        body.object(name);
      } catch (const Fault&) {
        // Of another kind than asked for.
      }
    }
  } catch (const Fault&) {
    // Refused, which is an answer.
  }
  return 0;
}
