// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace coffer::vault::json {
namespace {

std::string fieldOf(auto&& call) {
  try {
    call();
  } catch (const ModelError& error) {
    REQUIRE(error.errors().size() == 1);
    CHECK(error.clientText() == "The model state is invalid.");
    return error.errors()[0].first;
  }
  return "(accepted)";
}

TEST_CASE("names match whatever their case, at every level; the exact one wins") {
  const auto doc = Document::parse(
      R"({"NAME":"a","login":{"Uris":[{"URI":"u"}]},"Key":"other","key":"exact","k":1,"k":2})");
  const auto body = doc.object();
  CHECK(body.string("name") == "a");
  CHECK(body.string("key") == "exact");
  CHECK(body.integer("k") == 2);
  const auto uris = body.object("Login")->array("uris");
  REQUIRE(uris);
  CHECK(uris->size() == 1);
  CHECK(uris->object(0).string("uri") == "u");
  CHECK(uris->object(0).pathOf("match") == "Login.Uris[0].Match");
}

TEST_CASE("absent and null are nothing, and has() tells them apart") {
  const auto doc = Document::parse(R"({"a":null,"e":""})");
  const auto body = doc.object();
  CHECK(body.has("a"));
  CHECK_FALSE(body.has("b"));
  CHECK(body.isNull("a"));
  CHECK(body.isNull("b"));
  CHECK_FALSE(body.isNull("e"));
  CHECK_FALSE(body.string("a"));
  CHECK_FALSE(body.object("b"));
  CHECK_FALSE(body.boolean("b"));
  CHECK(body.string("e") == "");
  CHECK_FALSE(body.uuid("e"));
  CHECK_FALSE(body.integer("e"));
  CHECK(body.uuids("b").empty());
}

TEST_CASE("numbers may be strings, and must be whole") {
  const auto doc = Document::parse(
      R"({"a":5,"b":"-7","c":3.0,"d":1.5,"e":"x","f":18446744073709551615,"g":true,"h":1e300})");
  const auto body = doc.object();
  CHECK(body.integer("a") == 5);
  CHECK(body.integer("b") == -7);
  CHECK(body.integer("c") == 3);
  for (const char* name : {"d", "e", "f", "g", "h"})
    CHECK(fieldOf([&] { (void)body.integer(name); }) == pascalName(name));
}

TEST_CASE("values of another kind are refused with the field's path") {
  const auto doc = Document::parse(
      R"({"cipher":{"s":1,"o":[],"a":{},"b":"maybe","id":"nope","ids":["x"],"list":[1]}})");
  const auto inner = doc.object().requiredObject("cipher");
  CHECK(fieldOf([&] { (void)inner.string("s"); }) == "Cipher.S");
  CHECK(fieldOf([&] { (void)inner.object("o"); }) == "Cipher.O");
  CHECK(fieldOf([&] { (void)inner.array("a"); }) == "Cipher.A");
  CHECK(fieldOf([&] { (void)inner.boolean("b"); }) == "Cipher.B");
  CHECK(fieldOf([&] { (void)inner.uuid("id"); }) == "Cipher.Id");
  CHECK(fieldOf([&] { (void)inner.uuids("ids"); }) == "Cipher.Ids");
  CHECK(fieldOf([&] { (void)inner.array("list")->object(0); }) == "Cipher.List[0]");
  CHECK(fieldOf([&] { (void)inner.requiredString("none"); }) == "Cipher.None");
  CHECK(fieldOf([&] { (void)inner.requiredInteger("none"); }) == "Cipher.None");
  CHECK(fieldOf([&] { (void)inner.requiredObject("none"); }) == "Cipher.None");
}

TEST_CASE("dates never fail a request") {
  const auto doc = Document::parse(
      R"({"a":"2026-11-20T07:50:46.1234567Z","b":"2026-11-20T07:50:46+00:00","c":"0001-01-01T00:00:00",
          "d":"yesterday","e":5,"f":null})");
  const auto body = doc.object();
  CHECK(body.date("a") == parseIsoDate("2026-11-20T07:50:46.123456Z"));
  CHECK(body.date("b") == parseIsoDate("2026-11-20T07:50:46Z"));
  for (const char* name : {"c", "d", "e", "f", "g"}) CHECK_FALSE(body.date(name));
}

TEST_CASE("identifiers come out in lower case") {
  const auto doc = Document::parse(R"({"id":"AAC2E34A-44DB-42AB-A733-5322DD582C3D",
      "ids":["aac2e34a-44db-42ab-a733-5322dd582c3d"]})");
  CHECK(doc.object().uuid("id") == "aac2e34a-44db-42ab-a733-5322dd582c3d");
  CHECK(doc.object().uuids("ids").at(0) == "aac2e34a-44db-42ab-a733-5322dd582c3d");
  for (const char* bad :
       {"", "aac2e34a-44db-42ab-a733-5322dd582c3", "gac2e34a-44db-42ab-a733-5322dd582c3d",
        "aac2e34a044db-42ab-a733-5322dd582c3d", "{ac2e34a-44db-42ab-a733-5322dd582c3d"})
    CHECK_FALSE(isUuid(bad));
}

TEST_CASE("what is not a JSON object in UTF-8 is refused") {
  for (const std::string text :
       {"", "{", "{\"a\":1,}", "nul", "{} {}", "{\"a\":\"\xff\"}", "{'a':1}", "{\"a\":1e999}",
        "{\"a\":\"\x01\"}", "[1,2]", "\"x\"", "7"})
    CHECK(fieldOf([&] { (void)Document::parse(text).object(); }) == "");
  CHECK(Document::parse("[{\"a\":1}]").array().object(0).integer("a") == 1);
  CHECK(fieldOf([&] { (void)Document::parse("{}").array(); }) == "");
}

TEST_CASE("nesting is bounded, and brackets in text do not count") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(fieldOf([&] { (void)Document::parse(nested(64)).array(); }) == "(accepted)");
  CHECK(fieldOf([&] { (void)Document::parse(nested(65)).array(); }) == "");
  CHECK(fieldOf([&] { (void)Document::parse(std::string(1'000'000, '[')); }) == "");
  const auto text = "{\"a\":\"" + std::string(200, '{') + "\\\"[\"}";
  CHECK(Document::parse(text).object().string("a")->size() == 202);
}

TEST_CASE("the writer sees to commas, escapes, numbers and dates") {
  std::string out;
  Writer writer(out);
  writer.beginObject();
  writer.field("text", "a\"b\\c\n\x01\x7fé").field("yes", true).field("no", false);
  writer.field("small", 7).field("large", INT64_MIN).field("none", nullptr);
  writer.field("some", std::optional<std::string>("x"));
  writer.field("empty", std::optional<std::string>());
  writer.key("list").beginArray().value(1).value("two").beginObject().endObject().endArray();
  writer.rawField("raw", "[1]").rawMembers("").rawMembers("\"m\":1,\"n\":2");
  writer.dateField("at", UnixMicros{1'770'000'000'123'456});
  writer.dateField("never", std::optional<UnixMicros>());
  writer.endObject();
  CHECK(out ==
        "{\"text\":\"a\\\"b\\\\c\\n\\u0001\x7fé\",\"yes\":true,\"no\":false,\"small\":7,"
        "\"large\":-9223372036854775808,\"none\":null,\"some\":\"x\",\"empty\":null,"
        "\"list\":[1,\"two\",{}],\"raw\":[1],\"m\":1,\"n\":2,"
        "\"at\":\"2026-02-02T02:40:00.123456Z\",\"never\":null}");
  CHECK(nlohmann::json::accept(out));
}

TEST_CASE("a body made in pieces goes on with a comma") {
  std::string out;
  Writer(out).beginArray().value(1);
  Writer(out, Writer::Continue::AfterElement).value(2).endArray();
  CHECK(out == "[1,2]");
}

TEST_CASE("the writer's dates are those of formatIsoDate") {
  for (const UnixMicros time :
       {UnixMicros{0}, UnixMicros{-1}, UnixMicros{951'782'399'999'999},
        UnixMicros{1'770'000'000'000'001}, UnixMicros{253'402'300'799'999'999},
        UnixMicros{-62'135'596'800'000'000}}) {
    std::string out;
    appendDate(out, time);
    CHECK(out == "\"" + formatIsoDate(time) + "\"");
  }
}

TEST_CASE("the number of values is bounded, and commas in text do not count") {
  const auto list = [](std::size_t size) {
    std::string text = "[0";
    for (std::size_t i = 1; i < size; ++i) text += ",0";
    return text + "]";
  };
  CHECK(Document::parse(list(kMaxValues - 1)).array().size() == kMaxValues - 1);
  CHECK(fieldOf([&] { (void)Document::parse(list(kMaxValues)).array(); }) == "");
  CHECK(Document::parse("[\"" + std::string(2 * kMaxValues, ',') + "\"]").array().size() == 1);
  std::string objects = "[{}";
  for (std::size_t i = 1; i < kMaxValues; ++i) objects += ",{}";
  CHECK(fieldOf([&] { (void)Document::parse(objects + "]").array(); }) == "");
}

}  // namespace
}  // namespace coffer::vault::json
