// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/list_reader.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace coffer::vault::json {
namespace {

struct Seen {
  std::vector<std::string> elements;  // Each as its path and its JSON.
  nlohmann::json rest;
};

Seen read(std::string_view text) {
  Seen seen;
  seen.rest = readList(text, "items", [&](const Object& item) {
    seen.elements.push_back(item.path() + item.raw().dump());
  });
  return seen;
}

TEST_CASE("the elements of the list come one by one, and the rest of the request stays") {
  const auto seen = read(
      R"({"a":{"items":[1]},"Items":[{"n":1,"items":[{"x":[]}]},{},{"n":[[2],{}]}],"b":[{"c":3}]})");
  CHECK(seen.elements == std::vector<std::string>{R"(Items[0]{"items":[{"x":[]}],"n":1})",
                                                  "Items[1]{}", R"(Items[2]{"n":[[2],{}]})"});
  CHECK(seen.rest.dump() == R"({"Items":[],"a":{"items":[1]},"b":[{"c":3}]})");
}

TEST_CASE("a request without the list, or with something else in its place, stays as it is") {
  for (const std::string text :
       {"{}", R"({"items":null})", R"({"items":{"a":[{}]}})", R"({"items":5,"a":[{},2]})",
        R"({"a":{"items":[{}]}})", R"({"items":[]})"}) {
    const auto seen = read(text);
    CHECK(seen.elements.empty());
    CHECK(seen.rest == nlohmann::json::parse(text));
  }
}

TEST_CASE("elements that are no objects, a second list and what is not a request are refused") {
  const std::pair<std::string, std::string> bad[] = {
      {R"({"items":[{},5]})", "Items[1]"},
      {R"({"items":[[{}]]})", "Items[0]"},
      {R"({"items":[{},{},null]})", "Items[2]"},
      {R"({"items":[{}],"ITEMS":[{}]})", "Items"},
      {R"([{"items":[{}]}])", ""},
      {R"({"items":[{}])", ""},
      {R"({"items":[{}]}})", ""},
      {R"({"items":[{"a":"\u"}]})", ""},
      {"", ""},
      {"7", ""},
      {R"({"items":[)" + std::string(100, '[') + std::string(100, ']') + "]}", ""},
      {R"({"items":[{})" + std::string(kMaxValues, ',') + "]}", ""},
  };
  for (const auto& [text, field] : bad) {
    CAPTURE(text.substr(0, 100));
    try {
      read(text);
      FAIL("accepted");
    } catch (const ModelError& error) {
      CHECK(error.errors().at(0).first == field);
    }
  }
}

TEST_CASE("what the visitor throws passes through") {
  CHECK_THROWS_AS(readList(R"({"items":[{}]})", "items",
                           [](const Object&) { throw std::runtime_error("enough"); }),
                  std::runtime_error);
}

}  // namespace
}  // namespace coffer::vault::json
