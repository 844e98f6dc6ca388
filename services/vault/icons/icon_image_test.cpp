// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_image.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer::vault;
using namespace std::string_literals;

TEST_CASE("an image is known by its first bytes, whatever a site says of it") {
  struct Row {
    std::string bytes;
    std::string_view type;
  };
  const Row rows[] = {
      {"\x89PNG\r\n\x1A\n"s, "image/png"}, {"\0\0\1\0\1\0"s, "image/x-icon"},
      {"\0\0\1\0\0\1"s, "image/x-icon"},   {"RIFF\1\2\3\4WEBP"s, "image/webp"},
      {"\xFF\xD8\xFF\xE0"s, "image/jpeg"}, {"GIF87a"s, "image/gif"},
      {"GIF89a...."s, "image/gif"},        {"BM\1\2\3\4\0\0\0\0"s, "image/bmp"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.type);
    CHECK(imageTypeOf(row.bytes) == row.type);
    CHECK_FALSE(
        imageTypeOf(row.bytes.substr(0, row.bytes.size() - (row.type == "image/gif" ? 5 : 1))));
    CHECK_FALSE(imageTypeOf(" " + row.bytes));
  }
  for (const auto& other :
       {""s, "<svg xmlns='http://www.w3.org/2000/svg'>"s, "<?xml version='1.0'?><svg>"s,
        "<html></html>"s, "\0\0\1\0\0\0"s, "\0\0\2\0\1\0"s, "\xFF\xD8\xFF\x10"s,
        "RIFF\1\2\3\4WAVE"s, "GIF90a"s, "BM\1\2\3\4\0\0\0\1"s}) {
    CAPTURE(other);
    CHECK_FALSE(imageTypeOf(other));
  }
}

TEST_CASE("the icon of sites without one is a small PNG") {
  CHECK(imageTypeOf(fallbackIcon()) == "image/png");
  CHECK(fallbackIcon().size() < 1000);
  CHECK(fallbackIcon().ends_with("IEND\xAE\x42\x60\x82"));
}
