// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/casing.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <variant>
#include <vector>

namespace coffer::vault {
namespace {

struct Case {
  const char* camel;
  const char* pascal;
};

const Case kCases[] = {
    {R"({"folderId":null})", R"({"FolderId":null})"},
    {R"({ "a" : { "bC" : [ {"d":1}, "e", {"f":"g"} ] } })",
     R"({ "A" : { "BC" : [ {"D":1}, "e", {"F":"g"} ] } })"},
    {R"(["name","other"])", R"(["name","other"])"},
    {R"([["a",{"b":["c","d"]},"e"],{"f":1}])", R"([["a",{"B":["c","d"]},"e"],{"F":1}])"},
    {R"("name")", R"("name")"},
    {R"({})", R"({})"},
    {R"({"":1,"Z":2,"é":3})", R"({"":1,"Z":2,"é":3})"},
    // Text that looks like names and brackets.
    {R"({"a":"x\",\"b\":{","c":"\\","d":"[,"})", R"({"A":"x\",\"b\":{","C":"\\","D":"[,"})"},
    // Exact names.
    {R"({"access_token":"t","expires_in":1,"scope":"api","error":"e","key":"k"})",
     R"({"access_token":"t","expires_in":1,"scope":"api","error":"e","Key":"k"})"},
    {R"({"accountKeys":{"publicKeyEncryptionKeyPair":{"publicKey":"x"},"list":[{"a":1}]},"b":1})",
     R"({"AccountKeys":{"publicKeyEncryptionKeyPair":{"publicKey":"x"},"list":[{"a":1}]},"B":1})"},
    {R"({"AccountKeys":{"object":"privateKeys"},"key":1})",
     R"({"AccountKeys":{"object":"privateKeys"},"Key":1})"},
    {R"([{"accountKeys":null},{"name":1}])", R"([{"AccountKeys":null},{"Name":1}])"},
    {R"({"accountKeys":null,"profile":{"name":1}})",
     R"({"AccountKeys":null,"Profile":{"Name":1}})"},
    {R"({"TwoFactorProviders2":{"7":{"rpId":"x"}},"object":"error"})",
     R"({"TwoFactorProviders2":{"7":{"rpId":"x"}},"Object":"error"})"},
    {R"({"featureStates":{"pm-1":true,"flag":false},"object":"config"})",
     R"({"FeatureStates":{"pm-1":true,"flag":false},"Object":"config"})"},
    {R"({"identity":{"ssn":"2.x","firstName":null}})",
     R"({"Identity":{"SSN":"2.x","FirstName":null}})"},
};

TEST_CASE("member names get a capital first letter, and exact names stay") {
  for (const auto& c : kCases) CHECK(toPascalCase(c.camel) == c.pascal);
}

TEST_CASE("names that are escaped or too long to be ours stay as they are") {
  CHECK(toPascalCase(R"({"a\u0062c":1,"d":2})") == R"({"a\u0062c":1,"D":2})");
  CHECK(toPascalCase(R"({"a\":{":1,"d":2})") == R"({"a\":{":1,"D":2})");
  const std::string longName(70, 'x');
  CHECK(toPascalCase("{\"" + longName + "\":1,\"d\":2}") == "{\"" + longName + "\":1,\"D\":2}");
}

TEST_CASE("pieces cut anywhere give the same text") {
  std::string camel = "[";
  std::string pascal = "[";
  for (const auto& c : kCases) {
    camel += std::string(camel.size() > 1 ? "," : "") + c.camel;
    pascal += std::string(pascal.size() > 1 ? "," : "") + c.pascal;
  }
  camel += "]";
  pascal += "]";
  REQUIRE(toPascalCase(camel) == pascal);

  std::mt19937 random(20'261'120);
  for (int round = 0; round < 300; ++round) {
    PascalCaser caser;
    std::string out;
    for (std::size_t at = 0; at < camel.size();) {
      const std::size_t length = random() % 7;
      caser.feed(std::string_view(camel).substr(at, length), out);
      at += length;
    }
    caser.finish(out);
    CHECK(out == pascal);
  }
}

TEST_CASE("nesting deeper than the converter follows passes unharmed") {
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "{\"a\":";
  deep += "1";
  for (int i = 0; i < 300; ++i) deep += "}";
  const auto out = toPascalCase("[" + deep + ",{\"z\":1}]");
  CHECK(nlohmann::json::accept(out));
  CHECK(out.size() == deep.size() + 10);
  CHECK(out.ends_with(",{\"Z\":1}]"));
}

TEST_CASE("what is not JSON passes through with its length") {
  for (const std::string text : {"}}}]]],,,", "{\"abc", "plain", "{\"a\":1}}}{\"b", "\"\\"})
    CHECK(toPascalCase(text).size() == text.size());
}

class Pieces final : public http::BodySource {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  bool read(std::string& out) override {
    if (next_ == pieces_.size()) return false;
    out += pieces_[next_++];
    return true;
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

TEST_CASE("responses are converted whole or as they stream, and only JSON ones") {
  auto whole = http::Response::json(R"({"object":"list"})");
  applyPascalCase(whole);
  CHECK(std::get<std::string>(whole.body()) == R"({"Object":"list"})");

  auto text = http::Response::text(200, R"({"object":1})");
  applyPascalCase(text);
  CHECK(std::get<std::string>(text.body()) == R"({"object":1})");

  std::vector<std::string> pieces = {R"({"ob)", R"(ject":")", R"(list","data":[{"na)",
                                     R"(me":1}]})"};
  auto streamed =
      http::Response::stream(std::make_unique<Pieces>(pieces), "application/json; charset=utf-8");
  applyPascalCase(streamed);
  std::string out;
  while (std::get<std::unique_ptr<http::BodySource>>(streamed.body())->read(out)) {
  }
  CHECK(out == R"({"Object":"list","Data":[{"Name":1}]})");
}

}  // namespace
}  // namespace coffer::vault
