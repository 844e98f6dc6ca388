// SPDX-License-Identifier: BSD-2-Clause
#include "config/load.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "appliance/base/unique_fd.h"
#include "config/check.h"
#include "config/fields.h"
#include "config/yaml_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <unistd.h>

extern char** environ;

namespace coffer::config {
namespace {

constexpr std::string_view kPrefix = "COFFER_";
constexpr std::size_t kLargestSecret = 64 * 1024;

// The whole of a small file, or the reason why not.
std::optional<std::string> readSmallFile(const std::string& path, std::size_t limit,
                                         std::string& reason) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::string buffer(16 * 1024, '\0');
  while (file) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    text.append(buffer, 0, static_cast<std::size_t>(count));
    if (text.size() > limit) {
      reason = "is too large";
      return std::nullopt;
    }
  }
  reason = std::string("cannot be read: ") + std::strerror(errno);
  return std::nullopt;
}

class Loader {
 public:
  explicit Loader(Loaded& loaded) : loaded_(loaded), table_(fieldsOf(loaded.settings)) {}

  void file(const std::string& path) {
    std::string reason;
    const auto text = readSmallFile(path, kLargestFile, reason);
    if (!text) return problem(path, "", reason);
    yaml(*text, path);
  }

  void yaml(std::string_view text, const std::string& source) {
    const auto root = parseYaml(text, source, loaded_.problems);
    if (root) apply(*root, "", source);
  }

  void environment(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      if (name.starts_with(kPrefix) && name != kConfigVariable) variable(name, value, variables);
    }
  }

  void flags(const std::vector<FlagValue>& given) {
    std::map<std::string, Node> grown;  // By path: lists and maps add up.
    for (const FlagValue& flag : given) {
      const Field* field = table_.find(flag.path);
      if (field == nullptr) {
        problem("--" + flag.path, "", "unknown setting" + suggestion(flag.path, allPaths()));
      } else if (field->isSecret) {
        secretFile(*field, flag.text, field->flag(), Node{});
      } else if (!field->isRepeatable || grown.count(flag.path) == 0) {
        grown[flag.path] = Node::scalar(flag.text);
      } else {
        grown[flag.path].text += ',' + flag.text;
      }
    }
    for (const auto& [path, node] : grown) {
      const Field& field = *table_.find(path);
      take(field, node, field.flag());
    }
  }

  // What one setting says about another, once all of them are known.
  void complete() {
    Settings& s = loaded_.settings;
    const auto fallback = mounts_.empty() ? defaultMounts() : mounts_;
    for (ListenerSettings& listener : s.listeners) {
      if (listener.mounts.empty()) listener.mounts = fallback;
      ListenerTls& tls = listener.tls;
      if (tls.mode == TlsMode::Off) continue;
      if (tls.mode == TlsMode::Auto && !s.tls.certificate.empty() && !s.tls.key.empty()) {
        tls.mode = TlsMode::Files;
        tls.certificate = s.tls.certificate;
        tls.key = s.tls.key;
      }
      if (tls.clientCa.empty()) tls.clientCa = s.tls.clientCa;
      tls.clientCertificateRequired |= s.tls.clientCertificateRequired;
      tls.minimumVersion = std::max(tls.minimumVersion, s.tls.minimumVersion);
    }
  }

 private:
  void problem(const std::string& place, const std::string& setting, const std::string& text) {
    loaded_.problems.add({Severity::Error, place, setting, text});
  }

  std::vector<std::string> allPaths() const {
    std::vector<std::string> paths;
    for (const Field& field : table_.fields) paths.push_back(field.path);
    return paths;
  }

  void take(const Field& field, const Node& node, const std::string& source) {
    const Reader reader(loaded_.problems, source, field.path);
    if (!field.read(node, reader)) return;
    loaded_.sources[field.path] = reader.place(node);
    if (field.path != "listeners") return;
    for (std::size_t i = 0; i < loaded_.settings.listeners.size(); ++i) {
      const Node& at = i < node.items.size() ? node.items[i] : node;
      loaded_.sources[reader.item(i).path()] = reader.place(at);
    }
    // Listeners that are URLs take the mounts of the first one that says what is on it.
    const ListenerSettings& first = loaded_.settings.listeners.empty()
                                        ? ListenerSettings{}
                                        : loaded_.settings.listeners.front();
    if (!first.mounts.empty()) mounts_ = first.mounts;
  }

  void secretFile(const Field& field, const std::string& path, const std::string& source,
                  const Node& at) {
    const Reader reader(loaded_.problems, source, field.path);
    std::string reason;
    auto text = readSmallFile(path, kLargestSecret, reason);
    if (!text) return reader.error(at, "file " + log::escaped(path) + ' ' + reason);
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    Node node = Node::scalar(*text);
    wipe(*text);
    node.line = at.line;
    take(field, node, source);
    wipe(node.text);
  }

  // A map of the file: groups go deeper, everything else is a setting.
  void apply(const Node& map, const std::string& group, const std::string& source) {
    for (std::size_t i = 0; i < map.items.size(); ++i) {
      const Node& item = map.items[i];
      const std::string path = group.empty() ? map.keys[i] : group + '.' + map.keys[i];
      if (const Field* field = table_.find(path)) {
        take(*field, item, source);
      } else if (group.empty() && isGroup(path)) {
        if (item.kind == Node::Kind::Map) {
          apply(item, path, source);
        } else if (item.kind != Node::Kind::Null) {
          Reader(loaded_.problems, source, path).error(item, "must be a map of settings");
        }
      } else if (const Field* secret = secretOfFileKey(path)) {
        if (std::find(map.keys.begin(), map.keys.end(), secret->key()) != map.keys.end()) {
          Reader(loaded_.problems, source, path)
              .error(item, "is given together with " + secret->path);
        } else {
          secretFile(*secret, item.text, source, item);
        }
      } else {
        unknown(item, map.keys[i], group, source);
      }
    }
  }

  bool isGroup(std::string_view name) const {
    return std::any_of(table_.groups.begin(), table_.groups.end(),
                       [&](const Group& group) { return !name.empty() && group.name == name; });
  }

  // "metrics.token_file" → the field metrics.token, if that is a secret.
  const Field* secretOfFileKey(std::string_view path) const {
    constexpr std::string_view ending = "_file";
    if (!path.ends_with(ending)) return nullptr;
    const Field* field = table_.find(path.substr(0, path.size() - ending.size()));
    return field != nullptr && field->isSecret ? field : nullptr;
  }

  // Says what the key may have meant: one of this map, or of another group.
  void unknown(const Node& item, const std::string& key, const std::string& group,
               const std::string& source) {
    std::vector<std::string> siblings;
    std::string elsewhere;
    for (const Field& field : table_.fields) {
      if (field.group == group) siblings.push_back(field.key());
      if (field.key() == key && elsewhere.empty()) elsewhere = field.path;
    }
    if (group.empty()) {
      for (const Group& each : table_.groups) siblings.push_back(each.name);
    }
    std::string hint = suggestion(key, siblings);
    if (hint.empty() && !elsewhere.empty()) hint = " (did you mean \"" + elsewhere + "\"?)";
    if (hint.empty()) hint = suggestion(key, allPaths());
    const std::string name = log::escaped(key.substr(0, 80));
    Reader(loaded_.problems, source, group).error(item, "unknown setting \"" + name + '"' + hint);
  }

  void variable(const std::string& name, const std::string& value,
                const std::map<std::string, std::string>& all) {
    constexpr std::string_view ending = "_FILE";
    std::vector<std::string> known;
    for (const Field& field : table_.fields) {
      if (name == field.environment()) return take(field, Node::scalar(value), name);
      if (field.isSecret && name == field.environment() + std::string(ending)) {
        if (all.count(field.environment()) != 0) {
          return problem(name, field.path, "is given together with " + field.environment());
        }
        return secretFile(field, value, name, Node{});
      }
      known.push_back(field.environment());
    }
    if (isFromOrchestrator(name)) return;
    problem(log::escaped(name.substr(0, 80)), "", "unknown variable" + suggestion(name, known));
  }

  // Kubernetes and old Docker links describe a service that is called "coffer" in variables of
  // their own: COFFER_SERVICE_HOST, COFFER_PORT_8443_TCP_ADDR.
  static bool isFromOrchestrator(std::string_view name) {
    return name.starts_with("COFFER_SERVICE_") || name == "COFFER_PORT" ||
           name.starts_with("COFFER_PORT_");
  }

  Loaded& loaded_;
  FieldTable table_;
  std::vector<MountSettings> mounts_;
};

}  // namespace

Loaded load(const LoadInput& input) {
  Loaded loaded;
  {
    Loader loader(loaded);
    if (!input.file.empty()) loader.file(input.file);
    loader.environment(input.environment);
    loader.flags(input.flags);
    loader.complete();
  }
  check(loaded.settings, loaded.sources, loaded.problems);
  return loaded;
}

Settings loadYaml(std::string_view text, Problems& problems) {
  Loaded loaded;
  Loader loader(loaded);
  loader.yaml(text, "coffer.yaml");
  loader.complete();
  for (const Problem& problem : loaded.problems.all()) problems.add(problem);
  return std::move(loaded.settings);
}

std::map<std::string, std::string> processEnvironment() {
  std::map<std::string, std::string> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view text(*each);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos) {
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return all;
}

}  // namespace coffer::config
