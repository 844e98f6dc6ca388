// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/list_reader.h"

#include "appliance/base/bytes.h"
#include "services/vault/json/request_bounds.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace coffer::vault::json {
namespace {

using Event = nlohmann::json::parse_event_t;

// Told of every value as the parser comes by it. The request's members are at depth 1 and the
// elements of its lists at depth 2.
class ListWatch {
 public:
  ListWatch(std::string_view name, const std::function<void(const Object&)>& visit)
      : name_(name), path_(pascalName(name)), visit_(visit) {}

  // False for what is to be forgotten.
  bool operator()(int depth, Event event, const nlohmann::json& value) {
    if (depth == 1) {
      if (event == Event::key) {
        named_ = equalsIgnoringCase(value.get_ref<const std::string&>(), name_);
      } else if (event == Event::array_start && named_) {
        if (found_) throw ModelError(path_, "The list must not be there twice.");
        found_ = inside_ = true;
      } else if (event == Event::array_end) {
        inside_ = false;
      }
    } else if (depth == 2 && inside_) {
      return element(event, value);
    }
    return true;
  }

 private:
  bool element(Event event, const nlohmann::json& value) {
    if (event == Event::object_start) return true;
    const std::string path = path_ + "[" + std::to_string(count_) + "]";
    if (event != Event::object_end) throw ModelError(path, "The element must be an object.");
    visit_(Object(value, path));
    ++count_;
    return false;
  }

  const std::string_view name_;
  const std::string path_;
  const std::function<void(const Object&)>& visit_;
  bool named_ = false;  // The member whose value comes next.
  bool found_ = false;
  bool inside_ = false;
  std::size_t count_ = 0;
};

}  // namespace

nlohmann::json readList(std::string_view text, std::string_view name,
                        const std::function<void(const Object&)>& visit) {
  requireBounds(text);
  ListWatch watch(name, visit);
  auto request = nlohmann::json::parse(
      text.begin(), text.end(),
      [&](int depth, Event event, nlohmann::json& value) { return watch(depth, event, value); },
      false);
  if (request.is_discarded()) failNotJson();
  if (!request.is_object()) failNotAnObject();
  return request;
}

}  // namespace coffer::vault::json
