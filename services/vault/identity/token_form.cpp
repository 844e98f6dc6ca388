// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_form.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <algorithm>
#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxFields = 64;

[[noreturn]] void refuse(const char* detail) {
  throw BadRequest("The request is not a valid form.", detail);
}

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const auto byte = fromHex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) refuse("broken percent escape");
      out += *byte;
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!isUtf8(out) || std::any_of(out.begin(), out.end(), isControl)) refuse("not plain text");
  return out;
}

std::string comparable(std::string_view name) {
  std::string plain = toLowerAscii(name);
  std::erase(plain, '_');
  return plain;
}

}  // namespace

TokenForm TokenForm::parse(std::string_view body) {
  TokenForm form;
  while (!body.empty()) {
    const auto end = body.find('&');
    const auto pair = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (pair.empty()) continue;
    if (form.fields_.size() == kMaxFields) refuse("too many fields");
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = pair.substr(std::min(equals + 1, pair.size()));
    form.fields_.emplace(comparable(decode(pair.substr(0, equals))), decode(value));
  }
  return form;
}

const std::string& TokenForm::get(std::string_view name) const {
  static const std::string nothing;
  const auto found = fields_.find(comparable(name));
  return found == fields_.end() ? nothing : found->second;
}

}  // namespace coffer::vault
