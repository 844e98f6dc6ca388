// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_image.h"

namespace coffer::vault {
namespace {

using namespace std::string_view_literals;

bool isIco(std::string_view bytes) {
  return bytes.size() >= 6 && bytes.starts_with("\0\0\1\0"sv) && (bytes[4] != 0 || bytes[5] != 0);
}

bool isJpeg(std::string_view bytes) {
  return bytes.size() >= 4 && bytes.starts_with("\xFF\xD8\xFF"sv) &&
         static_cast<unsigned char>(bytes[3]) >= 0xC0;
}

bool isWebp(std::string_view bytes) {
  return bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv;
}

bool isBmp(std::string_view bytes) {
  return bytes.size() >= 10 && bytes.starts_with("BM"sv) && bytes.substr(6, 4) == "\0\0\0\0"sv;
}

}  // namespace

std::optional<std::string_view> imageTypeOf(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return "image/png";
  if (isIco(bytes)) return "image/x-icon";
  if (isWebp(bytes)) return "image/webp";
  if (isJpeg(bytes)) return "image/jpeg";
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "image/gif";
  if (isBmp(bytes)) return "image/bmp";
  return std::nullopt;
}

}  // namespace coffer::vault
