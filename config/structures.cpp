// SPDX-License-Identifier: BSD-2-Clause
//
// The settings that are more than a word: listeners with their TLS and mounts, and rules.
#include "appliance/base/bytes.h"
#include "config/address.h"
#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <set>

namespace coffer::config {
namespace {

using Handlers = std::map<std::string, std::function<bool(const Node&, const Reader&)>>;

// Hands every entry of a map to the handler of its key; an unknown key is an error.
bool readMap(const Node& node, const Reader& reader, const Handlers& handlers) {
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const auto handler = handlers.find(node.keys[i]);
    if (handler == handlers.end()) {
      std::vector<std::string> known;
      for (const auto& [name, each] : handlers) known.push_back(name);
      reader.error(node.items[i], "unknown key \"" + log::escaped(node.keys[i].substr(0, 80)) +
                                      '"' + suggestion(node.keys[i], known));
      good = false;
    } else {
      good = handler->second(node.items[i], reader.below(node.keys[i])) && good;
    }
  }
  return good;
}

template <typename T>
std::function<bool(const Node&, const Reader&)> into(T& value) {
  return [&value](const Node& node, const Reader& reader) { return read(node, value, reader); };
}

bool readTls(const Node& node, ListenerTls& tls, const Reader& reader) {
  if (node.kind == Node::Kind::Scalar) {
    bool wanted = false;  // YAML's habit is to write off as false.
    if (Codec<bool>::parse(node.text, wanted)) {
      tls.mode = wanted ? TlsMode::Auto : TlsMode::Off;
      return true;
    }
    return read(node, tls.mode, reader);
  }
  if (node.kind != Node::Kind::Map) {
    reader.error(node, "must be auto, off, or a map with certificate and key");
    return false;
  }
  const Handlers handlers = {
      {"certificate", into(tls.certificate)},
      {"key", into(tls.key)},
      {"client_ca", into(tls.clientCa)},
      {"client_certificate_required", into(tls.clientCertificateRequired)},
      {"min_version", into(tls.minimumVersion)},
  };
  if (!readMap(node, reader, handlers)) return false;
  if (tls.certificate.empty() != tls.key.empty()) {
    reader.error(node, "certificate and key must be given together");
    return false;
  }
  tls.mode = tls.certificate.empty() ? TlsMode::Auto : TlsMode::Files;
  return true;
}

Node writeTls(const ListenerTls& tls) {
  Node node = Node::map();
  if (tls.mode == TlsMode::Files) {
    node.add("certificate", write(tls.certificate));
    node.add("key", write(tls.key));
  }
  if (!tls.clientCa.empty()) node.add("client_ca", write(tls.clientCa));
  if (tls.clientCertificateRequired) node.add("client_certificate_required", write(true));
  if (tls.minimumVersion != TlsVersion::Tls12) node.add("min_version", write(tls.minimumVersion));
  return tls.mode == TlsMode::Off || node.items.empty() ? write(tls.mode) : node;
}

// Begins with a slash, no empty, "." or ".." segment, nothing that would need escaping in a URL.
bool isPrefix(std::string_view text) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  if (!text.starts_with('/') || text.find_first_not_of(allowed) != std::string_view::npos) {
    return false;
  }
  const std::string closed = std::string(text) + '/';
  for (const std::string_view bad : {"//", "/./", "/../"}) {
    if (text != "/" && closed.find(bad) != std::string::npos) return false;
  }
  return true;
}

bool readMount(const Node& node, MountSettings& mount, const Reader& reader) {
  if (node.kind != Node::Kind::Map) return read(node, mount.service, reader);
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    std::string& value = node.keys[i] == "service" ? mount.service : mount.options[node.keys[i]];
    good = read(node.items[i], value, reader.below(node.keys[i])) && good;
  }
  if (good && mount.service.empty()) {
    reader.error(node, "names no service");
    return false;
  }
  return good;
}

bool readMounts(const Node& node, std::vector<MountSettings>& mounts, const Reader& reader) {
  if (node.kind != Node::Kind::Map || node.items.empty()) {
    reader.error(node, "must be a map from paths to services, such as \"/restic: restic\"");
    return false;
  }
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Reader below = reader.below(node.keys[i]);
    MountSettings mount;
    mount.prefix = node.keys[i];
    if (mount.prefix.size() > 1 && mount.prefix.ends_with('/')) mount.prefix.pop_back();
    if (!isPrefix(mount.prefix)) {
      below.error(node.items[i],
                  "a path begins with a slash and holds letters, digits and -._~ only");
      good = false;
    }
    good = readMount(node.items[i], mount, below) && good;
    mounts.push_back(std::move(mount));
  }
  return good;
}

Node writeMounts(const std::vector<MountSettings>& mounts) {
  Node node = Node::map();
  for (const MountSettings& mount : mounts) {
    if (mount.options.empty()) {
      node.add(mount.prefix, write(mount.service));
      continue;
    }
    Node details = write(mount.options);
    details.add("service", write(mount.service));
    node.add(mount.prefix, std::move(details));
  }
  return node;
}

bool readSocketMode(const Node& node, unsigned& mode, const Reader& reader) {
  const std::string& text = node.text;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (node.kind == Node::Kind::Scalar && error == std::errc{} && end == text.data() + text.size() &&
      value <= 0777) {
    mode = value;
    return true;
  }
  reader.error(node, "must be octal permissions such as 0660");
  return false;
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), mode, 8);
  return '0' + std::string(text.data(), end);
}

bool readAddress(const Node& node, std::string& address, const Reader& reader) {
  if (!read(node, address, reader)) return false;
  if (parseAddress(address)) return true;
  reader.error(node, "must be HOST:PORT, [IPV6]:PORT, unix:PATH or systemd, not \"" +
                         log::escaped(address.substr(0, 80)) + '"');
  return false;
}

bool readListenUrl(const Node& node, ListenerSettings& listener, const Reader& reader) {
  const auto parsed = parseListenUrl(node.text);
  if (!parsed) {
    reader.error(node, "must be https://HOST:PORT, http://HOST:PORT or unix:PATH, not \"" +
                           log::escaped(node.text.substr(0, 80)) + '"');
    return false;
  }
  listener = *parsed;
  return true;
}

// As ResticRule says.
bool isRepositoryPattern(std::string_view text) {
  if (text.empty() || text == "/") return true;
  for (;;) {
    const auto slash = text.find('/');
    const std::string_view name = text.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return false;
    if (slash == std::string_view::npos) return name == "**" || name.find("**") == name.npos;
    if (name.find("**") != std::string_view::npos) return false;
    text.remove_prefix(slash + 1);
  }
}

// "alice@team/**=append".
bool splitRule(std::string_view text, ResticRule& rule) {
  const auto equals = text.rfind('=');
  if (equals == std::string_view::npos) return false;
  const auto at = text.substr(0, equals).rfind('@');  // A user's name may be an e-mail address.
  if (at == std::string_view::npos || at == 0) return false;
  rule.user = text.substr(0, at);
  rule.repository = text.substr(at + 1, equals - at - 1);
  return Codec<ResticAccess>::parse(text.substr(equals + 1), rule.access);
}

}  // namespace

bool read(const Node& node, ListenerSettings& value, const Reader& reader) {
  if (node.kind == Node::Kind::Scalar) return readListenUrl(node, value, reader);
  if (node.kind != Node::Kind::Map) {
    reader.error(node, "must be a map with address, tls and mounts, or a URL");
    return false;
  }
  ListenerSettings listener;
  const Handlers handlers = {
      {"address",
       [&](const Node& n, const Reader& r) { return readAddress(n, listener.address, r); }},
      {"tls", [&](const Node& n, const Reader& r) { return readTls(n, listener.tls, r); }},
      {"socket_mode",
       [&](const Node& n, const Reader& r) { return readSocketMode(n, listener.socketMode, r); }},
      {"mounts", [&](const Node& n, const Reader& r) { return readMounts(n, listener.mounts, r); }},
  };
  if (!readMap(node, reader, handlers)) return false;
  if (listener.address.empty()) {
    reader.error(node, "names no address to listen on");
    return false;
  }
  const bool saysTls = std::find(node.keys.begin(), node.keys.end(), "tls") != node.keys.end();
  const auto address = parseAddress(listener.address);
  if (!saysTls && address && address->kind == Address::Kind::Unix) listener.tls.mode = TlsMode::Off;
  value = std::move(listener);
  return true;
}

Node write(const ListenerSettings& value) {
  Node node = Node::map();
  node.add("address", write(value.address));
  node.add("tls", writeTls(value.tls));
  if (value.socketMode != 0) node.add("socket_mode", Node::scalar(octal(value.socketMode)));
  node.add("mounts", writeMounts(value.mounts));
  return node;
}

bool read(const Node& node, ResticRule& value, const Reader& reader) {
  ResticRule rule;
  if (node.kind == Node::Kind::Scalar) {
    if (!splitRule(node.text, rule)) {
      reader.error(node, "must be USER@REPOSITORY=none, read, append or modify, not \"" +
                             log::escaped(node.text.substr(0, 80)) + '"');
      return false;
    }
  } else if (node.kind == Node::Kind::Map) {
    const Handlers handlers = {{"user", into(rule.user)},
                               {"repository", into(rule.repository)},
                               {"access", into(rule.access)}};
    if (!readMap(node, reader, handlers)) return false;
    const std::set<std::string> given(node.keys.begin(), node.keys.end());
    if (given.size() != handlers.size() || rule.user.empty()) {
      reader.error(node, "needs user, repository and access");
      return false;
    }
  } else {
    reader.error(node, "must be a map with user, repository and access");
    return false;
  }
  if (!isRepositoryPattern(rule.repository)) {
    reader.error(node, "repository must be a path such as team/laptop, team/*, team/** or **");
    return false;
  }
  value = std::move(rule);
  return true;
}

Node write(const ResticRule& value) {
  Node node = Node::map();
  node.add("user", write(value.user));
  node.add("repository", write(value.repository));
  node.add("access", write(value.access));
  return node;
}

}  // namespace coffer::config
