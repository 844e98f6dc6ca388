// SPDX-License-Identifier: BSD-2-Clause
#include "config/print.h"

#include "config/fields.h"
#include "config/yaml_source.h"

#include <algorithm>

namespace coffer::config {
namespace {

constexpr std::size_t kLineWidth = 96;

// The field as YAML, `indent` spaces in.
std::string entry(const Field& field, std::size_t indent) {
  Node map = Node::map();
  map.add(field.key(), field.write());
  return renderYaml(map, indent);
}

std::size_t indentOf(const Field& field) { return field.group.empty() ? 0 : 2; }

// Every line of `text` with `mark` in front.
std::string prefixed(const std::string& text, const std::string& mark) {
  std::string out;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    out += mark + text.substr(start, end - start) + '\n';
    start = end + 1;
  }
  return out;
}

// Words in lines of at most kLineWidth characters.
std::string wrapped(const std::string& text, const std::string& mark) {
  std::string out;
  std::string line = mark;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (line.size() + 1 + word.size() > kLineWidth && line != mark) {
      out += line + '\n';
      line = mark;
    }
    line += ' ' + word;
    start = end + 1;
  }
  return out + line + '\n';
}

// A pipe would end the cell of a Markdown table.
std::string cell(std::string text) {
  std::size_t at = 0;
  while ((at = text.find('|', at)) != std::string::npos) {
    text.insert(at, 1, '\\');
    at += 2;
  }
  return text;
}

constexpr const char* kReferenceHead = R"(# Settings

This page is made by `coffer config reference`; change `config/describe.h`, not this file.

A setting has its default unless the YAML file says otherwise, the environment goes before the file,
and a flag goes before both. From the setting `restic.append_only` follow

- in the file, the key `append_only` below `restic`,
- the variable `COFFER_RESTIC_APPEND_ONLY`,
- the flag `--restic-append-only` of `coffer serve`.

Sizes are written `10 GiB`, durations `30s`, `10m`, `2h` or `30d`. In variables and flags a list is
`a,b` and a map is `name=value,name=value`; a flag for either may be given several times. A secret
can also be read from a file: the key with `_file` at its end, the variable with `_FILE`. Its flag
exists in that form only, since every user of a machine can read command lines.

`coffer config check` reports everything that is wrong with a configuration, `coffer config show`
prints the settings in effect and where each came from.
)";

constexpr const char* kListeners = R"(
A listener has an `address`: `HOST:PORT` (port 0 takes a free one), `[IPV6]:PORT`, `:PORT` for every
address, `unix:PATH`, `unix:@NAME` for the abstract namespace, `systemd` for the sockets that systemd
hands over, or `systemd:NAME` for those of that name. It may have `socket_mode`, the permissions of a
Unix socket such as `0660`. Its `tls` is `auto` (the default, but for Unix sockets), `off`, or a map
with `certificate`, `key`, `client_ca`, `client_certificate_required` and `min_version`. Its `mounts`
say which service is at which path: `vault`, `restic`, `metrics` or `health`; a listener without mounts
has those of the first listener. A mount of the vault may have `casing: pascal`, for clients that
expect answers in `PascalCase`:

```yaml
listeners:
  - address: 0.0.0.0:8443
    tls: auto
    mounts:
      /: vault
      /bitwarden: {service: vault, casing: pascal}
      /healthz: health
  - address: 127.0.0.1:8000
    tls: off
    mounts:
      /: restic
      /metrics: metrics
```
)";

constexpr const char* kRules = R"(
Rules give rights by user and repository. The first that fits decides; where none does, the tables of
`acl_file` do, and then `append_only` and `private_repositories`. A user is a name or `*`. A
repository is a path, in which `*` stands for any characters of a name, `**` as the last name for the
folder and everything below it, and `{user}` for the name of the user who asks. `none`, `read`,
`append` and `modify` each include what comes before; locks belong to reading:

```yaml
restic:
  rules:
    - {user: keeper, repository: "**", access: modify}
    - {user: "*", repository: "{user}/**", access: append}
    - {user: "*", repository: "**", access: none}
```
)";

}  // namespace

std::string showSettings(const Settings& settings, const Sources& sources) {
  Settings copy = settings;
  std::string out;
  std::string group;
  for (const Field& field : fieldsOf(copy).fields) {
    if (field.group != group) {
      group = field.group;
      out += group + ":\n";
    }
    const auto source = sources.find(field.path);
    const std::string text = entry(field, indentOf(field));
    const auto firstLine = text.find('\n');
    out += text.substr(0, firstLine) + "  # " +
           (source == sources.end() ? "default" : log::escaped(source->second)) +
           text.substr(firstLine);
  }
  return out;
}

std::string referencePage() {
  Settings defaults;
  const FieldTable table = fieldsOf(defaults);
  std::string out = kReferenceHead;
  for (const Group& group : table.groups) {
    out += group.name.empty() ? "\n## General\n\n" : "\n## " + group.name + "\n\n";
    out += group.help + "\n\n| Setting | Value | Default | |\n|---|---|---|---|\n";
    for (const Field& field : table.fields) {
      if (field.group != group.name) continue;
      const std::string standard = inOneLine(field.write());
      out += "| `" + field.path + "`<br>`" + field.environment() + "` | " + cell(field.type) +
             " | " + (standard.empty() ? "" : '`' + cell(standard) + '`') + " | " +
             cell(field.help) + " |\n";
    }
    if (group.name.empty()) out += kListeners;
    if (group.name == "restic") out += kRules;
  }
  return out;
}

std::string sampleFile() {
  Settings defaults;
  const FieldTable table = fieldsOf(defaults);
  std::string out =
      "# Settings of the appliance. Every one stands here with its default; remove the # in front\n"
      "# of those that you change, and of the line of their group.\n";
  for (const Group& group : table.groups) {
    out += '\n' + wrapped(group.help, "#");
    if (!group.name.empty()) out += '#' + group.name + ":\n";
    for (const Field& field : table.fields) {
      if (field.group != group.name) continue;
      const std::string margin(indentOf(field), ' ');
      out += '\n' + wrapped(field.help + " (" + field.type + ")", margin + "#");
      out += prefixed(entry(field, 0), margin + '#');
    }
  }
  return out;
}

}  // namespace coffer::config
