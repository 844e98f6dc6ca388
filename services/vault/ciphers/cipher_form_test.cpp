// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_form.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace coffer::vault {
namespace {

using nlohmann::json;

constexpr const char* kName = "2.eA==|eA==|eA==";

CipherForm parse(const json& request) {
  const auto document = coffer::vault::json::Document::parse(request.dump());
  return CipherForm::parse(document.object(), 10'000);
}

// The stored body of a new item, read back.
json stored(const json& request) {
  const auto form = parse(request);
  const auto body = form.body(form.resolveType(std::nullopt), form.reprompt.value_or(0));
  REQUIRE(json::accept("{" + body + "}"));
  return json::parse("{" + body + "}");
}

// "field: text" of the refusal.
std::string refusal(const json& request) {
  try {
    const auto form = parse(request);
    (void)form.resolveType(std::nullopt);
  } catch (const coffer::vault::json::ModelError& error) {
    return error.errors().at(0).first + ": " + error.errors().at(0).second;
  }
  return "(accepted)";
}

json login(json data) { return {{"type", 1}, {"name", kName}, {"login", std::move(data)}}; }

TEST_CASE("the create body of the official command line client is stored in canonical form") {
  const auto body = stored(json::parse(R"({"type":1,
      "encryptedFor":"aac2e34a-44db-42ab-a733-5322dd582c3d",
      "encryptedByKeyId":"0123456789abcdef0123456789abcdef","folderId":null,
      "name":"2.bg==|bg==|bg==","notes":null,"favorite":false,
      "lastKnownRevisionDate":"2026-11-20T07:50:46.123Z","reprompt":0,
      "login":{"response":null,"uris":[{"response":null,"uri":"2.dQ==|dQ==|dQ==","match":null,
        "uriChecksum":"2.Yw==|Yw==|Yw=="}],"username":"2.eQ==|eQ==|eQ==",
        "password":"2.cA==|cA==|cA==","passwordRevisionDate":null,"totp":null},
      "fields":[{"response":null,"type":0,"name":"2.Zg==|Zg==|Zg==","value":"2.dg==|dg==|dg==",
        "linkedId":null}],
      "attachments":{},"attachments2":{}})"));
  CHECK(body == json::parse(R"({"reprompt":0,"name":"2.bg==|bg==|bg==","notes":null,"key":null,
      "fields":[{"type":0,"name":"2.Zg==|Zg==|Zg==","value":"2.dg==|dg==|dg==","linkedId":null}],
      "passwordHistory":[],
      "login":{"uri":"2.dQ==|dQ==|dQ==","uris":[{"uri":"2.dQ==|dQ==|dQ==",
        "uriChecksum":"2.Yw==|Yw==|Yw==","match":null}],"username":"2.eQ==|eQ==|eQ==",
        "password":"2.cA==|cA==|cA==","passwordRevisionDate":null,"totp":null,
        "autofillOnPageLoad":null,"fido2Credentials":null},
      "secureNote":null,"card":null,"identity":null,"sshKey":null,"bankAccount":null,
      "driversLicense":null,"passport":null})"));
}

TEST_CASE("what the form says beside the body") {
  const auto form = parse(json::parse(R"({"type":"1","NAME":"2.eA==|eA==|eA==","login":{},
      "encryptedFor":"AAC2E34A-44DB-42AB-A733-5322DD582C3D",
      "encryptedByKeyId":"0123456789ABCDEF0123456789abcdef","organizationId":"","folderId":"",
      "lastKnownRevisionDate":"2026-11-20T07:50:46+00:00","favorite":true,"reprompt":1})"));
  CHECK(form.encryptedFor == "aac2e34a-44db-42ab-a733-5322dd582c3d");
  CHECK(form.encryptedByKeyId == "0123456789abcdef0123456789abcdef");
  CHECK_FALSE(form.organizationId);
  CHECK_FALSE(form.folderId);
  CHECK(form.lastKnownRevision == parseIsoDate("2026-11-20T07:50:46Z"));
  CHECK(form.favorite == true);
  CHECK(form.reprompt == 1);
  CHECK_FALSE(form.archivedAt);

  const auto silent = parse(login(json::object()));
  CHECK_FALSE(silent.favorite);
  CHECK_FALSE(silent.reprompt);
  CHECK_FALSE(silent.lastKnownRevision);
}

TEST_CASE("the archive date sets, clears, or stays") {
  auto request = login(json::object());
  request["archivedDate"] = nullptr;
  auto change = parse(request).archivedAt;
  REQUIRE(change);
  CHECK_FALSE(change->has_value());
  request["archivedDate"] = "2026-11-20T07:50:46.123Z";
  change = parse(request).archivedAt;
  REQUIRE(change);
  CHECK(*change == parseIsoDate("2026-11-20T07:50:46.123Z"));
  for (const json& no : {json("soon"), json("0001-01-01T00:00:00"), json(5)}) {
    request["archivedDate"] = no;
    CHECK_FALSE(parse(request).archivedAt);
  }
}

TEST_CASE("names in PascalCase come out canonical, as one third-party client needs") {
  const auto body = stored(json::parse(R"({"type":1,"name":"2.eA==|eA==|eA==",
      "login":{"Username":"u","Password":"p","Totp":null,"Uris":[{"Uri":"x","Match":"3"}]},
      "card":null,"identity":null,"secureNote":null,
      "fields":[{"Type":"2","Name":"n","Value":"v","LinkedId":"101"}],
      "passwordHistory":[{"LastUsedDate":"2026-01-02T03:04:05Z","Password":"old"}]})"));
  CHECK(body["login"]["username"] == "u");
  CHECK(body["login"]["uris"] == json::parse(R"([{"uri":"x","uriChecksum":null,"match":3}])"));
  CHECK(body["login"]["uri"] == "x");
  CHECK_FALSE(body["login"].contains("Username"));
  CHECK(body["fields"] == json::parse(R"([{"type":2,"name":"n","value":"v","linkedId":101}])"));
  CHECK(body["passwordHistory"] ==
        json::parse(R"([{"password":"old","lastUsedDate":"2026-01-02T03:04:05.000000Z"}])"));

  const auto person = stored(json::parse(
      R"({"type":4,"name":"2.eA==|eA==|eA==","identity":{"SSN":"s","FirstName":"f"}})"));
  CHECK(person["identity"]["ssn"] == "s");
  CHECK(person["identity"]["firstName"] == "f");
  CHECK(person["identity"].size() == 18);
}

TEST_CASE("every type is stored with all its members and no other type's") {
  const json members = json::parse(R"({"login":7,"secureNote":1,"card":6,"identity":18,"sshKey":3,
      "bankAccount":10,"driversLicense":11,"passport":13})");
  for (const auto& schema : cipherTypes()) {
    const std::string own(schema.name);
    json request = {{"type", schema.type}, {"name", kName}, {own, json::object()}};
    if (own == "sshKey")
      request[own] = {{"privateKey", "a"}, {"publicKey", "b"}, {"keyFingerprint", "c"}};
    const auto body = stored(request);
    for (const auto& other : cipherTypes()) {
      const std::string name(other.name);
      REQUIRE(body.contains(name));
      CHECK(body[name].is_null() == (other.type != schema.type));
    }
    // `login` has its first address beside its list of them.
    CHECK(body[own].size() == members[own].get<std::size_t>() + (own == "login" ? 1 : 0));
  }
}

TEST_CASE("members nobody knows yet survive, with a small first letter and without noise") {
  const auto body =
      stored(login(json::parse(R"({"Future":{"Deep":[{"Name":1,"response":2}],"x":null},
      "response":{"a":1},"Response":5,"username":null,
      "uris":[{"uri":"u","Hint":true,"response":1}],
      "fido2Credentials":[{"credentialId":"c","rpId":"r","counter":"0","creationDate":"bad",
        "Prf":"z"}]})")));
  const auto& data = body["login"];
  CHECK(data["future"] == json::parse(R"({"deep":[{"name":1}],"x":null})"));
  CHECK_FALSE(data.contains("response"));
  CHECK_FALSE(data.contains("Response"));
  CHECK(data["uris"][0]["hint"] == true);
  CHECK_FALSE(data["uris"][0].contains("response"));
  CHECK(data["fido2Credentials"][0]["prf"] == "z");
  CHECK(data["fido2Credentials"][0]["creationDate"] == "1970-01-01T00:00:00.000000Z");
  CHECK(data["fido2Credentials"][0]["userHandle"].is_null());

  auto field = login(json::object());
  field["fields"] = json::parse(R"([{"Type":0,"Name":"n","Colour":"red","quo\"te\n":1}])");
  CHECK(stored(field)["fields"][0]["colour"] == "red");
  CHECK(stored(field)["fields"][0]["quo\"te\n"] == 1);
}

TEST_CASE("broken data that would crash clients is repaired") {
  struct Repair {
    const char* what;
    const char* request;
    const char* pointer;
    const char* expected;
  };
  const Repair repairs[] = {
      {"field type is text", R"({"fields":[{"type":"1","name":null,"value":null}]})",
       "/fields/0/type", "1"},
      {"field type is no number", R"({"fields":[{"type":"x"}]})", "/fields/0/type", "1"},
      {"field type is missing", R"({"fields":[{"name":"n"}]})", "/fields/0/type", "1"},
      {"field linked to no number", R"({"fields":[{"type":3,"linkedId":"x"}]})",
       "/fields/0/linkedId", "null"},
      {"fields are null", R"({"fields":null})", "/fields", "[]"},
      {"a field is null", R"({"fields":[null,{"type":0}]})", "/fields/0/type", "0"},
      {"match is text", R"({"login":{"uris":[{"uri":"u","match":"5"}]}})", "/login/uris/0/match",
       "5"},
      {"match is no number", R"({"login":{"uris":[{"uri":"u","match":"host"}]}})",
       "/login/uris/0/match", "null"},
      {"match is an object", R"({"login":{"uris":[{"uri":"u","match":{}}]}})",
       "/login/uris/0/match", "null"},
      {"history without passwords",
       R"({"passwordHistory":[{"lastUsedDate":"2026-01-01T00:00:00Z"},{"password":5},null,7]})",
       "/passwordHistory", "[]"},
      {"history without a date", R"({"passwordHistory":[{"password":"p","lastUsedDate":"never"}]})",
       "/passwordHistory/0/lastUsedDate", "\"1970-01-01T00:00:00.000000Z\""},
      {"password revision is no date", R"({"login":{"passwordRevisionDate":"x"}})",
       "/login/passwordRevisionDate", "\"1970-01-01T00:00:00.000000Z\""},
      {"password revision is null", R"({"login":{"passwordRevisionDate":null}})",
       "/login/passwordRevisionDate", "null"},
      {"password revision is the date that old clients mean none by",
       R"({"login":{"passwordRevisionDate":"0001-01-01T00:00:00"}})", "/login/passwordRevisionDate",
       "null"},
      {"a date with seven digits",
       R"({"login":{"passwordRevisionDate":"2026-01-02T03:04:05.1234567Z"}})",
       "/login/passwordRevisionDate", "\"2026-01-02T03:04:05.123456Z\""},
      {"note type is text", R"({"type":2,"secureNote":{"type":"x"}})", "/secureNote",
       "{\"type\":0}"},
      {"note without a type", R"({"type":2,"secureNote":{}})", "/secureNote", "{\"type\":0}"},
      {"note without data", R"({"type":2})", "/secureNote", "{\"type\":0}"},
      {"SSH key without its fingerprint",
       R"({"type":5,"sshKey":{"privateKey":"a","publicKey":"b"}})", "/sshKey", "null"},
      {"an address beside no list", R"({"login":{"uri":"u","uris":null}})", "/login/uris",
       R"([{"uri":"u","uriChecksum":null,"match":null}])"},
      {"an address beside an empty list", R"({"login":{"uri":"u","uris":[]}})", "/login/uris/0/uri",
       "\"u\""},
      {"another address beside a list", R"({"login":{"uri":"old","uris":[{"uri":"new"}]}})",
       "/login/uri", "\"new\""},
      {"no address at all", R"({"login":{}})", "/login/uris", "null"},
      {"an empty item key", R"({"key":""})", "/key", "null"},
      {"reprompt is true in numbers", R"({"reprompt":7})", "/reprompt", "1"},
      {"reprompt is null", R"({"reprompt":null})", "/reprompt", "0"},
  };
  for (const auto& repair : repairs) {
    CAPTURE(repair.what);
    auto request = login(json::object());
    request.update(json::parse(repair.request));
    if (request["type"] != 1) request.erase("login");
    CHECK(stored(request).at(json::json_pointer(repair.pointer)) == json::parse(repair.expected));
  }
}

TEST_CASE("the type follows the data") {
  const auto create = [](const json& request) { return parse(request).resolveType(std::nullopt); };
  const auto update = [](const json& request, int type) {
    return parse(request).resolveType(type);
  };
  const json empty = json::object();

  // A client that always says 1.
  CHECK(create({{"type", 1}, {"name", kName}, {"login", nullptr}, {"card", empty}}) == 3);
  CHECK(create({{"type", 1}, {"name", kName}, {"secureNote", empty}}) == 2);
  // A stored type stays as long as there is data for it.
  CHECK(update({{"type", 2}, {"name", kName}, {"login", empty}}, 1) == 1);
  CHECK(update({{"type", 1}, {"name", kName}, {"card", empty}}, 3) == 3);
  CHECK(update({{"type", 1}, {"name", kName}, {"login", empty}, {"card", empty}}, 3) == 3);
  // And gives way to a whole item of another type.
  CHECK(update({{"type", 2}, {"name", kName}, {"secureNote", {{"type", 0}}}}, 1) == 2);
  // Data sealed as a whole stands for any.
  CHECK(create({{"type", 3}, {"name", kName}, {"data", "{}"}}) == 3);
  CHECK(update({{"type", 2}, {"name", kName}}, 2) == 2);

  CHECK(refusal({{"type", 1}, {"name", kName}}) == "Login: Data missing.");
  CHECK(refusal({{"type", 3}, {"name", kName}, {"login", empty}}) == "Card: Data missing.");
  CHECK(refusal({{"type", 1}, {"name", kName}, {"card", empty}, {"identity", empty}}) ==
        "Login: Data missing.");
  CHECK_THROWS_AS((void)update({{"type", 1}, {"name", kName}}, 1), BadRequest);
}

TEST_CASE("data sealed as a whole is echoed, and absent otherwise") {
  auto request = login(json::object());
  CHECK_FALSE(stored(request).contains("data"));
  request["data"] = "{\"format_version\":1,\"x\":\"\\u0000\"}";
  CHECK(stored(request)["data"] == request["data"]);
}

TEST_CASE("what is wrong is named with its field") {
  const json cases = json::parse(R"([
    [{"type":0}, "Type: Invalid type."],
    [{"type":9}, "Type: Invalid type."],
    [{"type":"one"}, "Type: The Type field must be a whole number."],
    [{"type":null}, "Type: The Type field is required."],
    [{"name":null}, "Name: The Name field is required."],
    [{"name":""}, "Name: The Name field is required."],
    [{"name":"plain"}, "Name: Name is not a valid encrypted string."],
    [{"name":"9.eA==|eA==|eA=="}, "Name: Name is not a valid encrypted string."],
    [{"name":"2.eA==|eA=="}, "Name: Name is not a valid encrypted string."],
    [{"name":5}, "Name: The Name field must be a string."],
    [{"key":"plain"}, "Key: Key is not a valid encrypted string."],
    [{"folderId":"x"}, "FolderId: The FolderId field must be a UUID."],
    [{"favorite":"perhaps"}, "Favorite: The Favorite field must be true or false."],
    [{"encryptedByKeyId":"xyz"}, "EncryptedByKeyId: The key id is not valid."],
    [{"login":[]}, "Login: The Login field must be an object."],
    [{"login":{"username":5}}, "Login.Username: The Username field must be a string."],
    [{"login":{"uris":{}}}, "Login.Uris: The Uris field must be a list."],
    [{"login":{"uris":["u"]}}, "Login.Uris[0]: The element must be an object."],
    [{"login":{"autofillOnPageLoad":"x"}},
     "Login.AutofillOnPageLoad: The AutofillOnPageLoad field must be true or false."],
    [{"fields":{}}, "Fields: The Fields field must be a list."],
    [{"fields":[5]}, "Fields[0]: The element must be an object."],
    [{"data":{}}, "Data: The Data field must be a string."]
  ])");
  for (const auto& wrong : cases) {
    auto request = login(json::object());
    request.update(wrong[0]);
    CHECK(refusal(request) == wrong[1].get<std::string>());
  }
}

TEST_CASE("lengths are accepted up to their limit and refused beyond, in the known words") {
  struct Limit {
    const char* pointer;
    const char* field;
    std::size_t length;
  };
  const Limit limits[] = {
      {"/notes", "Notes", 10'000},
      {"/data", "Data", 500'000},
      {"/login/username", "Login.Username", 1000},
      {"/login/totp", "Login.Totp", 1000},
      {"/login/password", "Login.Password", 5000},
      {"/login/uri", "Login.Uri", 10'000},
      {"/login/uris/0/uri", "Login.Uris[0].Uri", 10'000},
      {"/login/uris/0/uriChecksum", "Login.Uris[0].UriChecksum", 10'000},
      {"/login/fido2Credentials/0/keyValue", "Login.Fido2Credentials[0].KeyValue", 1000},
      {"/fields/0/name", "Fields[0].Name", 1000},
      {"/fields/0/value", "Fields[0].Value", 5000},
      {"/passwordHistory/0/password", "PasswordHistory[0].Password", 5000},
      {"/card/number", "Card.Number", 1000},
      {"/identity/address1", "Identity.Address1", 1000},
      {"/bankAccount/iban", "BankAccount.Iban", 1000},
      {"/driversLicense/licenseNumber", "DriversLicense.LicenseNumber", 1000},
      {"/passport/surname", "Passport.Surname", 1000},
  };
  for (const auto& limit : limits) {
    CAPTURE(limit.field);
    auto request = login(json::object());
    request["fields"] = json::array();
    request[json::json_pointer(limit.pointer)] = std::string(limit.length, 'x');
    CHECK(refusal(request) == "(accepted)");
    request[json::json_pointer(limit.pointer)] = std::string(limit.length + 1, 'x');
    const std::string path = limit.field;
    const auto name = path.substr(path.rfind('.') + 1);
    CHECK(refusal(request) == path + ": The field " + name +
                                  " exceeds the maximum encrypted value length of " +
                                  std::to_string(limit.length) + " characters.");
  }
  auto name = login(json::object());
  name["name"] = "7." + std::string(998, 'A');
  CHECK(refusal(name) == "(accepted)");
  name["name"] = "7." + std::string(999, 'A');
  CHECK(refusal(name) ==
        "Name: The field Name exceeds the maximum encrypted value length of 1000 characters.");

  json ssh = {{"type", 5}, {"name", kName}};
  ssh["sshKey"] = {{"privateKey", std::string(20'000, 'x')},
                   {"publicKey", std::string(5000, 'x')},
                   {"keyFingerprint", std::string(1000, 'x')}};
  CHECK(refusal(ssh) == "(accepted)");
  ssh["sshKey"]["privateKey"] = std::string(20'001, 'x');
  CHECK(refusal(ssh).starts_with("SshKey.PrivateKey: The field PrivateKey exceeds"));
}

TEST_CASE("whether an item asks for the password again is read from its stored body") {
  const auto form = parse(login(json::object()));
  CHECK(repromptOf(form.body(1, 0)) == 0);
  CHECK(repromptOf(form.body(1, 1)) == 1);
  CHECK(repromptOf("") == 0);
  CHECK(repromptOf("\"name\":\"\\\"reprompt\\\":1\"") == 0);
}

TEST_CASE("whether an item has a key of its own is read from its stored body") {
  CHECK_FALSE(hasOwnKey(parse(login(json::object())).body(1, 0)));
  auto request = login({{"username", kName}});
  request["key"] = kName;
  CHECK(hasOwnKey(parse(request).body(1, 1)));
  request["key"] = "";
  CHECK_FALSE(hasOwnKey(parse(request).body(1, 1)));
  CHECK_FALSE(hasOwnKey(""));
}

}  // namespace
}  // namespace coffer::vault
