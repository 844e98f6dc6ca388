// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/encstring.h"

#include "appliance/base/bytes.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::array<std::ptrdiff_t, 8> kPiecesOfType{2, 3, 3, 1, 1, 2, 2, 1};

bool allPiecesAreBase64(std::string_view pieces) {
  while (true) {
    const auto end = pieces.find('|');
    const auto piece = pieces.substr(0, end);
    if (piece.empty() || !isBase64(piece)) return false;
    if (end == std::string_view::npos) return true;
    pieces.remove_prefix(end + 1);
  }
}

std::string_view piecesOf(std::string_view text) {
  const auto dot = text.find('.');
  return dot == std::string_view::npos ? text : text.substr(dot + 1);
}

// By the header and the number of pieces alone.
std::optional<EncStringType> typeByForm(std::string_view text) {
  const auto dot = text.find('.');
  const auto pieces = piecesOf(text);
  const auto count = 1 + std::count(pieces.begin(), pieces.end(), '|');

  std::size_t type = 0;
  if (dot == std::string_view::npos) {
    type = count == 3 ? 1 : 0;
  } else {
    if (dot != 1 || text[0] < '0' || text[0] > '7') return std::nullopt;
    type = static_cast<std::size_t>(text[0] - '0');
  }
  if (count != kPiecesOfType.at(type)) return std::nullopt;
  return static_cast<EncStringType>(type);
}

}  // namespace

bool hasEncStringForm(std::string_view text) { return typeByForm(text).has_value(); }

std::optional<EncStringType> parseEncString(std::string_view text) {
  const auto type = typeByForm(text);
  if (!type || !allPiecesAreBase64(piecesOf(text))) return std::nullopt;
  return type;
}

}  // namespace coffer::vault
