// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/encstring.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer::vault;

TEST_CASE("every type of EncString is recognised with its own number of pieces") {
  struct Row {
    const char* text;
    EncStringType type;
  };
  for (const Row& row : {
           Row{"0.AAAA|BBBB", EncStringType::Aes256Cbc},
           Row{"1.AAAA|BBBB|CCCC", EncStringType::Aes128CbcHmac},
           Row{"2.AAAA|BBBB|CCCC", EncStringType::Aes256CbcHmac},
           Row{"3.AAAA", EncStringType::RsaOaepSha256},
           Row{"4.AAAA", EncStringType::RsaOaepSha1},
           Row{"5.AAAA|BBBB", EncStringType::RsaOaepSha256Hmac},
           Row{"6.AAAA|BBBB", EncStringType::RsaOaepSha1Hmac},
           Row{"7.AAAA", EncStringType::CoseEncrypt0},
           Row{"AAAA|BBBB", EncStringType::Aes256Cbc},
           Row{"AAAA|BBBB|CCCC", EncStringType::Aes128CbcHmac},
           Row{"2.AA==|BBB=|CCCC", EncStringType::Aes256CbcHmac},
           // Bits left over before the padding are not zero: clients have written such text.
           Row{"2.AB==|BBB=|CCCC", EncStringType::Aes256CbcHmac},
           Row{"2.+/+/|a0z9|AAAA", EncStringType::Aes256CbcHmac},
       }) {
    CAPTURE(row.text);
    const auto type = parseEncString(row.text);
    REQUIRE(type);
    CHECK(*type == row.type);
  }
}

TEST_CASE("text that no client could read back is not an EncString") {
  for (const char* text : {
           "",
           " ",
           "2",
           "2.",
           "2.|",
           "2.||",
           "|",
           "||",
           "AAAA",
           "AAAA|BBBB|CCCC|DDDD",
           "2.AAAA|BBBB",
           "2.AAAA|BBBB|CCCC|DDDD",
           "0.AAAA",
           "0.AAAA|BBBB|CCCC",
           "4.AAAA|BBBB",
           "7.AAAA|BBBB",
           "2.AAAA|BBBB|",
           "2.|BBBB|CCCC",
           "2.AAAA||CCCC",
           "8.AAAA",
           "9.AAAA|BBBB|CCCC",
           "-1.AAAA|BBBB",
           "02.AAAA|BBBB|CCCC",
           "22.AAAA|BBBB|CCCC",
           "x.AAAA|BBBB|CCCC",
           ".AAAA|BBBB|CCCC",
           "2.2.AAAA|BBBB|CCCC",
           " 2.AAAA|BBBB|CCCC",
           "2.AAAA|BBBB|CCCC ",
           "2.AAA|BBBB|CCCC",
           "2.A===|BBBB|CCCC",
           "2.AA=A|BBBB|CCCC",
           "2.====|BBBB|CCCC",
           "2.AA-_|BBBB|CCCC",
           "2.AA A|BBBB|CCCC",
           "2.AAA\n|BBBB|CCCC",
           "2.AAA\xC3|BBBB|CCCC",
       }) {
    CAPTURE(text);
    CHECK_FALSE(isEncString(text));
  }
  CHECK_FALSE(isEncString(std::string("2.AAAA|BBB\0|CCCC", 16)));
}
