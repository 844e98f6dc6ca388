// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/cbor_reader.h"

#include "appliance/base/fault.h"

#include <cstddef>

namespace coffer::vault {
namespace {

[[noreturn]] void refuse(const char* reason) {
  throw BadRequest("The answer of the security key cannot be read.", reason);
}

}  // namespace

std::string_view CborReader::take(std::uint64_t count) {
  if (count > rest_.size()) refuse("CBOR ends early");
  const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(taken.size());
  return taken;
}

// RFC 8949 section 3: three bits of kind, five bits of argument or of its size.
CborReader::Head CborReader::head() {
  const auto first = static_cast<unsigned char>(take(1).front());
  const auto kind = static_cast<Kind>(first >> 5);
  const unsigned low = first & 0x1F;
  if (low < 24) return {kind, low};
  if (low > 27) refuse("CBOR of indefinite length");
  std::uint64_t argument = 0;
  for (const char byte : take(std::uint64_t{1} << (low - 24))) {
    argument = argument << 8 | static_cast<unsigned char>(byte);
  }
  return {kind, argument};
}

std::uint64_t CborReader::expect(Kind kind) {
  const Head next = head();
  if (next.kind != kind) refuse("CBOR of another kind than expected");
  return next.argument;
}

std::uint64_t CborReader::beginMap() { return expect(Kind::Map); }
std::string_view CborReader::text() { return take(expect(Kind::Text)); }
std::string_view CborReader::bytes() { return take(expect(Kind::Bytes)); }
void CborReader::skip() { skipNested(0); }

void CborReader::skipNested(int nesting) {
  if (nesting > kMaxNesting) refuse("CBOR nests too deep");
  const Head item = head();
  switch (item.kind) {
    case Kind::Unsigned:
    case Kind::Negative:
    case Kind::Simple:
      return;
    case Kind::Bytes:
    case Kind::Text:
      take(item.argument);
      return;
    case Kind::Array:
    case Kind::Map:
      break;
    case Kind::Tag:
      refuse("CBOR with a tag");
  }
  // Every item takes a byte at least, so a count that lies ends with the input.
  for (std::uint64_t i = 0; i < item.argument; ++i) {
    skipNested(nesting + 1);
    if (item.kind == Kind::Map) skipNested(nesting + 1);
  }
}

}  // namespace coffer::vault
