// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/request.h"

#include "appliance/base/bytes.h"
#include "appliance/http/target.h"

#include <stdexcept>

namespace coffer::http {

std::optional<std::string> Request::query(std::string_view name) const {
  return findQueryParameter(queryText_, name);
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& field : headers_) {
    if (equalsIgnoringCase(field.name, name)) return field.value;
  }
  return {};
}

bool Request::hasHeader(std::string_view name) const {
  for (const auto& field : headers_) {
    if (equalsIgnoringCase(field.name, name)) return true;
  }
  return false;
}

std::string_view Request::param(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  return {};
}

const void* Request::attachment(std::type_index type) const {
  const auto found = attachments_.find(type);
  if (found == attachments_.end()) {
    throw std::logic_error(std::string("no guard attached a ") + type.name());
  }
  return found->second.get();
}

}  // namespace coffer::http
