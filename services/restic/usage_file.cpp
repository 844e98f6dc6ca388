// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/usage_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "storage/blobs/durable_file.h"

#include <vector>

namespace coffer::restic {
namespace {

constexpr std::string_view kFirstLine = "coffer-restic-usage 1";
constexpr std::string_view kLastLine = "end";
constexpr std::size_t kMaxFileBytes = 64 * MiB;
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kFields = 5 + 2 * kTypeCount;

// Names stand between blanks: "-" for none, and %XX for what would end the field.
std::string encoded(std::string_view name) {
  if (name.empty()) return "-";
  if (name == "-") return "%2d";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '%') {
      out += '%';
      out += toHex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> decoded(std::string_view field) {
  if (field == "-") return std::string();
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '%') {
      out += field[i];
      continue;
    }
    const auto byte = fromHex(field.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

std::string_view takeUntil(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto piece = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return piece;
}

std::optional<UnixMicros> parseTime(std::string_view field) {
  const auto time = parseUnsigned(field);
  if (!time || *time > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<UnixMicros>(*time);
}

bool readRepository(std::string_view line, UsageByRepository& into) {
  std::vector<std::string_view> fields;
  while (!line.empty() && fields.size() <= kFields) fields.push_back(takeUntil(line, ' '));
  if (fields.size() != kFields || fields[0] != "repository") return false;
  const auto name = decoded(fields[1]);
  const auto owner = decoded(fields[2]);
  const auto newest = parseTime(fields[3]);
  const auto access = parseTime(fields[4]);
  if (!name || !owner || !newest || !access) return false;
  RepositoryUsage usage{.owner = *owner, .newestSnapshot = *newest, .lastAccess = *access};
  for (std::size_t i = 0; i < kTypeCount; ++i) {
    const auto objects = parseUnsigned(fields[5 + 2 * i]);
    const auto bytes = parseUnsigned(fields[6 + 2 * i]);
    if (!objects || !bytes || *bytes > static_cast<std::uint64_t>(INT64_MAX)) return false;
    usage.types[i] = {*objects, *bytes};
  }
  return into.emplace(*name, std::move(usage)).second;
}

}  // namespace

std::string renderUsage(const SavedUsage& usage) {
  std::string out(kFirstLine);
  out += '\n';
  out += usage.isClosed ? "state closed\n" : "state open\n";
  out += "counted " + std::to_string(usage.counted) + "\n";
  for (const auto& [name, repository] : usage.repositories) {
    out += "repository " + encoded(name) + " " + encoded(repository.owner) + " " +
           std::to_string(repository.newestSnapshot) + " " + std::to_string(repository.lastAccess);
    for (const TypeUsage& type : repository.types) {
      out += " " + std::to_string(type.objects) + " " + std::to_string(type.bytes);
    }
    out += "\n";
  }
  out += kLastLine;
  out += '\n';
  return out;
}

std::optional<SavedUsage> parseUsage(std::string_view text) {
  if (takeUntil(text, '\n') != kFirstLine) return std::nullopt;
  SavedUsage usage;
  const auto state = takeUntil(text, '\n');
  if (state != "state open" && state != "state closed") return std::nullopt;
  usage.isClosed = state == "state closed";
  auto counted = takeUntil(text, '\n');
  if (takeUntil(counted, ' ') != "counted") return std::nullopt;
  const auto time = parseTime(counted);
  if (!time) return std::nullopt;
  usage.counted = *time;
  while (!text.empty()) {
    const auto line = takeUntil(text, '\n');
    if (line == kLastLine) return text.empty() ? std::optional(std::move(usage)) : std::nullopt;
    if (!readRepository(line, usage.repositories)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<SavedUsage> loadUsage(const std::string& path) {
  try {
    const auto text = storage::readSmallFile(path, kMaxFileBytes);
    if (!text) return std::nullopt;
    auto usage = parseUsage(*text);
    if (!usage)
      log::warning("restic", "The usage file is damaged; counting anew", {{"file", path}});
    return usage;
  } catch (const Fault& fault) {
    log::warning("restic", "Cannot read the usage file; counting anew", {{"reason", fault.what()}});
    return std::nullopt;
  }
}

void saveUsage(const std::string& path, const SavedUsage& usage) {
  storage::replaceFileDurably(path, renderUsage(usage), kFileMode);
}

}  // namespace coffer::restic
