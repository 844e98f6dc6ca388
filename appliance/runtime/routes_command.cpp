// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/services.h"
#include "services/vault/json/writer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace coffer::runtime {
namespace {

// The services are built over an empty folder: their tables do not depend on what is stored, and
// asking for them must not touch it.
class EmptyFolder {
 public:
  EmptyFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "coffer-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throwSystemFault("mkdtemp " + pattern);
    path_ = pattern;
  }
  ~EmptyFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  EmptyFolder(const EmptyFolder&) = delete;
  EmptyFolder& operator=(const EmptyFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Row {
  std::string method, pattern, guard, service, mount, lane;
  std::uint64_t limit = 0;
  bool isUpload = false;
};

// Restic's patterns begin with a parameter, since its repository may be none at all.
std::string joined(const std::string& prefix, const std::string& pattern) {
  std::string below = pattern == "/" ? "" : pattern;
  if (!below.empty() && below[0] != '/') below = "/" + below;
  return prefix.empty() && below.empty() ? "/" : prefix + below;
}

std::vector<Row> rowsOf(const config::MountSettings& mount, const http::Service& service) {
  const std::string prefix = mount.prefix == "/" ? "" : mount.prefix;
  std::vector<Row> rows;
  for (const http::Route& route : service.routes()) {
    rows.push_back({std::string(http::nameOf(route.method())), joined(prefix, route.pattern()),
                    std::string(route.guard().description()), std::string(service.name()),
                    mount.prefix, std::string(nameOf(route.lane())), route.limit().bytes,
                    route.isUpload()});
  }
  return rows;
}

// Each mount once, however many listeners have it.
std::vector<Row> allRows(const config::Settings& settings, const ServicesByName& services) {
  std::vector<Row> rows;
  std::vector<std::pair<std::string, std::string>> seen;
  for (const auto& listener : settings.listeners) {
    for (const auto& mount : listener.mounts) {
      const std::pair key(mount.prefix, mount.service);
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
      seen.push_back(key);
      const auto service = services.find(mount.service);
      if (service == services.end()) continue;
      const auto more = rowsOf(mount, *service->second);
      rows.insert(rows.end(), more.begin(), more.end());
    }
  }
  return rows;
}

std::string limitText(const Row& row) {
  if (row.limit == 0) return "-";
  return (row.limit > (std::uint64_t{1} << 60) ? "no limit" : formatByteSize(row.limit)) +
         (row.isUpload ? " stream" : "");
}

std::string asText(const std::vector<Row>& rows) {
  std::vector<std::array<std::string, 6>> table{
      {"METHOD", "PATTERN", "WHO", "BODY", "LANE", "SERVICE"}};
  for (const Row& row : rows) {
    table.push_back({row.method, row.pattern, row.guard, limitText(row), row.lane, row.service});
  }
  std::array<std::size_t, 6> widths{};
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (auto& line : table) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      line[i].resize(widths[i] + 2, ' ');
      out += line[i];
    }
    out += line.back() + "\n";
  }
  return out;
}

std::string asJson(const std::vector<Row>& rows) {
  std::string out;
  vault::json::Writer json(out);
  json.beginArray();
  for (const Row& row : rows) {
    json.beginObject().field("method", row.method).field("pattern", row.pattern);
    json.field("guard", row.guard).field("limit", row.limit).field("upload", row.isUpload);
    json.field("lane", row.lane)
        .field("service", row.service)
        .field("mount", row.mount)
        .endObject();
  }
  json.endArray();
  return out + "\n";
}

}  // namespace

int routes(const SettingsInput& input, bool json) {
  config::Settings settings = loadSettings(input);
  log::Options quiet;
  quiet.level = log::Level::Warning;
  log::configure(quiet);
  const EmptyFolder empty;
  settings.dataDir = empty.path();
  settings.restic.path.clear();
  settings.restic.htpasswdFile.clear();
  const SystemClock clock;
  const Services services(settings, {}, clock);
  const auto rows = allRows(settings, services.byName());
  std::cout << (json ? asJson(rows) : asText(rows));
  return 0;
}

}  // namespace coffer::runtime
