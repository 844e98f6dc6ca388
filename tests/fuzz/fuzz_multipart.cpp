// SPDX-License-Identifier: BSD-2-Clause
//
// Forms: the same parts and verdict whether the body comes at once, a byte at a time or in pieces
// that the input itself chooses.
#include "appliance/base/fault.h"
#include "appliance/http/multipart.h"
#include "tests/fuzz/fuzz_input.h"

#include <algorithm>
#include <string>

using namespace coffer;
using fuzz::require;

namespace {

class Recorder final : public http::PartVisitor {
 public:
  void beginPart(const http::PartHead& head) override {
    require(!open_);
    open_ = true;
    seen += "[" + head.name + "|" + head.fileName.value_or("-") + "|";
  }
  void partData(std::string_view bytes) override {
    require(open_ && !bytes.empty());
    seen += bytes;
  }
  void endPart() override {
    require(open_);
    open_ = false;
    seen += "]";
  }

  std::string seen;

 private:
  bool open_ = false;
};

struct Outcome {
  std::string seen;
  bool isForm = false;
};

Outcome parse(std::string_view body, std::size_t step) {
  Recorder recorder;
  http::MultipartParser parser("b", recorder);
  Outcome outcome;
  try {
    for (std::size_t at = 0; at < body.size(); at += step) parser.feed(body.substr(at, step));
    parser.finish();
    outcome.isForm = true;
  } catch (const BadRequest&) {
  }
  outcome.seen = recorder.seen;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chosen = data[0] % 61 + 1;
  const std::string_view body = fuzz::textOf(data + 1, size - 1);
  const Outcome whole = parse(body, std::max<std::size_t>(body.size(), 1));
  for (const std::size_t step : {std::size_t{1}, chosen}) {
    const Outcome split = parse(body, step);
    require(split.isForm == whole.isForm);
    // Of a broken form as much is seen, since it is refused at the same byte.
    require(split.seen == whole.seen);
  }
  (void)http::multipartBoundary(body);
  return 0;
}
