// SPDX-License-Identifier: BSD-2-Clause
//
// What the hubs send, against frames of other servers byte for byte (vault-extras 7.4).
#include "services/vault/notifications/hub_messages.h"

#include "appliance/base/bytes.h"
#include "services/vault/notifications/message_pack.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

using namespace coffer;
using namespace coffer::vault;

namespace {

const std::string kUser = "11111111-2222-4333-8444-555555555555";
const std::string kDevice = "99999999-8888-4777-8666-555555555555";
const std::string kId = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
constexpr UnixMicros kNewYear = 1'767'225'600 * kSecond;

Update updateOf(UpdateType type) {
  Update update;
  update.type = type;
  update.userId = kUser;
  update.actingDevice = kDevice;
  update.id = kId;
  update.date = kNewYear;
  return update;
}

std::string bytes(std::string hex) {
  std::erase_if(hex, [](char c) { return c == ' ' || c == '\n'; });
  return fromHex(hex).value();
}

// The record without its length, as JSON; dates become "binary".
nlohmann::json bodyOf(const std::string& record) {
  std::size_t start = 0;
  std::size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(record.at(start++));
    length |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) break;
  }
  REQUIRE(record.size() - start == length);
  return nlohmann::json::from_msgpack(record.substr(start));
}

nlohmann::json payloadOf(const Update& update) {
  return bodyOf(userRecord(update))[4][0]["Payload"];
}

std::string keysOf(const nlohmann::json& object) {
  std::string keys;
  for (const auto& [key, value] : object.items()) keys += key + " ";
  return keys;
}

}  // namespace

TEST_CASE("a message about the whole vault is what other servers send") {
  Update update = updateOf(UpdateType::Vault);
  update.actingDevice = "";
  update.id = "";
  update.date = kNewYear + 123'456;
  CHECK(toHex(userRecord(update)) == toHex(bytes(R"(
6b 95 01 80 c0 ae 52 65 63 65 69 76 65 4d 65 73 73 61 67 65 91 83 a9 43 6f 6e 74 65 78 74 49 64 c0
a4 54 79 70 65 05 a7 50 61 79 6c 6f 61 64 82 a6 55 73 65 72 49 64 d9 24 31 31 31 31 31 31 31 31 2d
32 32 32 32 2d 34 33 33 33 2d 38 34 34 34 2d 35 35 35 35 35 35 35 35 35 35 35 35 a4 44 61 74 65 d7
ff 1d 6f 28 00 69 55 b9 00)")));
}

TEST_CASE("a message about a folder is what other servers send") {
  CHECK(toHex(userRecord(updateOf(UpdateType::FolderUpdate))) == toHex(bytes(R"(
c1 01 95 01 80 c0 ae 52 65 63 65 69 76 65 4d 65 73 73 61 67 65 91 83 a9 43 6f 6e 74 65 78 74 49 64
d9 24 39 39 39 39 39 39 39 39 2d 38 38 38 38 2d 34 37 37 37 2d 38 36 36 36 2d 35 35 35 35 35 35 35
35 35 35 35 35 a4 54 79 70 65 08 a7 50 61 79 6c 6f 61 64 83 a2 49 64 d9 24 61 61 61 61 61 61 61 61
2d 62 62 62 62 2d 34 63 63 63 2d 38 64 64 64 2d 65 65 65 65 65 65 65 65 65 65 65 65 a6 55 73 65 72
49 64 d9 24 31 31 31 31 31 31 31 31 2d 32 32 32 32 2d 34 33 33 33 2d 38 34 34 34 2d 35 35 35 35 35
35 35 35 35 35 35 35 ac 52 65 76 69 73 69 6f 6e 44 61 74 65 d7 ff 00 00 00 00 69 55 b9 00)")));
}

TEST_CASE("a message about an item is what other servers send") {
  const std::string record = userRecord(updateOf(UpdateType::CipherUpdate));
  CHECK(record.size() == 226);
  CHECK(record.starts_with(bytes("e0 01 95 01 80 c0 ae")));
  CHECK(toHex(record).ends_with(toHex(bytes(R"(
31 31 31 31 31 31 31 31 2d 32 32 32 32 2d 34 33 33 33 2d 38 34 34 34 2d 35 35 35 35 35 35 35 35 35
35 35 35 ae 4f 72 67 61 6e 69 7a 61 74 69 6f 6e 49 64 c0 ad 43 6f 6c 6c 65 63 74 69 6f 6e 49 64 73
c0 ac 52 65 76 69 73 69 6f 6e 44 61 74 65 d7 ff 00 00 00 00 69 55 b9 00)"))));
}

TEST_CASE("whoever waits without a session is told as other servers tell it") {
  CHECK(toHex(anonymousRecord(updateOf(UpdateType::AuthRequestResponse))) == toHex(bytes(R"(
b4 01 95 01 80 c0 bb 41 75 74 68 52 65 71 75 65 73 74 52 65 73 70 6f 6e 73 65 52 65 63 69 65 76 65
64 91 83 a4 54 79 70 65 10 a7 50 61 79 6c 6f 61 64 82 a2 49 64 d9 24 61 61 61 61 61 61 61 61 2d 62
62 62 62 2d 34 63 63 63 2d 38 64 64 64 2d 65 65 65 65 65 65 65 65 65 65 65 65 a6 55 73 65 72 49 64
d9 24 31 31 31 31 31 31 31 31 2d 32 32 32 32 2d 34 33 33 33 2d 38 34 34 34 2d 35 35 35 35 35 35 35
35 35 35 35 35 a6 55 73 65 72 49 64 d9 24 31 31 31 31 31 31 31 31 2d 32 32 32 32 2d 34 33 33 33 2d
38 34 34 34 2d 35 35 35 35 35 35 35 35 35 35 35 35)")));
}

TEST_CASE("an organization's item names its collections and no user") {
  Update update = updateOf(UpdateType::CipherUpdate);
  update.organizationId = kDevice;
  update.collectionIds = {"one", "two"};
  const auto payload = payloadOf(update);
  CHECK(payload["UserId"].is_null());
  CHECK(payload["OrganizationId"] == kDevice);
  CHECK(payload["CollectionIds"] == nlohmann::json({"one", "two"}));
}

TEST_CASE("every type has the payload of its kind") {
  for (int number = 0; number <= 16; ++number) {
    if (number == 9) continue;  // No server sends it.
    CAPTURE(number);
    const Update update = updateOf(static_cast<UpdateType>(number));
    const auto argument = bodyOf(userRecord(update))[4][0];
    CHECK(argument["Type"] == number);
    CHECK(argument["ContextId"] == kDevice);
    const std::string keys = keysOf(argument["Payload"]);
    if (number <= 2) CHECK(keys == "CollectionIds Id OrganizationId RevisionDate UserId ");
    if (number == 3 || number == 7 || number == 8 || (number >= 12 && number <= 14)) {
      CHECK(keys == "Id RevisionDate UserId ");
    }
    if ((number >= 4 && number <= 6) || number == 10 || number == 11) CHECK(keys == "Date UserId ");
    if (number >= 15) CHECK(keys == "Id UserId ");
  }
}

TEST_CASE("MessagePack takes the shortest form at each of its steps") {
  const auto packed = [](auto&& fill) {
    std::string out;
    MessagePacker packer(out);
    fill(packer);
    return toHex(out.substr(0, 4));
  };
  CHECK(packed([](auto& p) { p.text(std::string(31, 'x')); }) == "bf787878");
  CHECK(packed([](auto& p) { p.text(std::string(32, 'x')); }) == "d9207878");
  CHECK(packed([](auto& p) { p.text(std::string(256, 'x')); }) == "da010078");
  CHECK(packed([](auto& p) { p.array(15).nil(); }) == "9fc0");
  CHECK(packed([](auto& p) { p.array(16).nil(); }) == "dc0010c0");
  CHECK(packed([](auto& p) { p.map(15).nil(); }) == "8fc0");
  CHECK(packed([](auto& p) { p.map(16).nil(); }) == "de0010c0");
  CHECK(packed([](auto& p) { p.number(127); }) == "7f");
  CHECK(packed([](auto& p) { p.number(128); }) == "cc80");
  std::string out;
  CHECK_THROWS(MessagePacker(out).text(std::string(65'536, 'x')));
}
