// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_links.h"

#include <doctest/doctest.h>

#include <string>

namespace coffer::vault {

TEST_CASE("a link opens the one file it was made for, for five minutes") {
  using enum FilePurpose;
  const FileLinks links;
  const UnixMicros now = 1'700'000'000 * kSecond;
  const auto token = links.sign(Attachment, "cipher", "file", now);
  CHECK(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);
  CHECK(links.isValid(token, Attachment, "cipher", "file", now));
  CHECK(links.isValid(token, Attachment, "cipher", "file", now + kFileLinkLifetime - 1));
  CHECK_FALSE(links.isValid(token, Attachment, "cipher", "file", now + kFileLinkLifetime));
  CHECK_FALSE(links.isValid(token, Send, "cipher", "file", now));
  CHECK_FALSE(links.isValid(token, Attachment, "cipher", "other", now));
  CHECK_FALSE(links.isValid(token, Attachment, "other", "file", now));
  CHECK_FALSE(links.isValid(token, Attachment, "cipherf", "ile", now));
  CHECK_FALSE(links.isValid(token, Attachment, "file", "cipher", now));
  CHECK_FALSE(FileLinks().isValid(token, Attachment, "cipher", "file", now));
}

TEST_CASE("a link with any character changed, cut or added opens nothing") {
  const FileLinks links;
  const auto token = links.sign(FilePurpose::Send, "send", "file", kDay);
  const auto opens = [&](const std::string& changed) {
    return links.isValid(changed, FilePurpose::Send, "send", "file", kDay);
  };
  REQUIRE(opens(token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    // The last character holds bits that belong to no byte; changing its first bits is enough.
    auto changed = token;
    changed[i] = changed[i] == 'g' ? 'A' : 'g';
    CHECK_FALSE(opens(changed));
    CHECK_FALSE(opens(token.substr(0, i)));
  }
  CHECK_FALSE(opens(""));
  CHECK_FALSE(opens(token + "A"));
  CHECK_FALSE(opens(token + token));
  CHECK_FALSE(opens("no base64!"));
}

}  // namespace coffer::vault
