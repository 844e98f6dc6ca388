// SPDX-License-Identifier: BSD-2-Clause
//
// The settings as a table: one row a field, made from describe.h.
#pragma once

#include "config/node.h"
#include "config/settings.h"
#include "config/values.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::config {

// Bound to one Settings, which must outlive it.
struct Field {
  std::string path;   // "restic.append_only".
  std::string group;  // "restic"; "" for the top.
  std::string help;   // One or more sentences.
  std::string type;   // "a number from 1 to 64".
  bool isSwitch = false;
  bool isSecret = false;      // Can also be given as a file that holds it: key, variable …_file.
  bool isRepeatable = false;  // Lists and maps: a flag may be given several times.
  std::function<bool(const Node&, const Reader&)> read;
  std::function<Node()> write;  // Secrets as "***".

  std::string key() const;          // "append_only".
  std::string flag() const;         // "--restic-append-only"; for a secret that of its file.
  std::string environment() const;  // "COFFER_RESTIC_APPEND_ONLY".
};

struct Group {
  std::string name;
  std::string help;
};

struct FieldTable {
  std::vector<Group> groups;
  std::vector<Field> fields;

  const Field* find(std::string_view path) const;  // Null when there is none.
};

FieldTable fieldsOf(Settings& settings);

// What the command line needs to know about a setting.
struct FieldDescription {
  std::string path;  // What FlagValue takes.
  std::string group;
  std::string flag;         // "--restic-append-only".
  std::string environment;  // "COFFER_RESTIC_APPEND_ONLY".
  std::string help;
  std::string type;
  std::string defaultText;
  bool isSwitch = false;
  bool isSecret = false;  // The flag names a file: secrets do not belong on a command line.
  bool isRepeatable = false;
};

std::vector<FieldDescription> describeFields();

// The value in one line: lists as "a, b", maps as "a=1, b=2", listeners by their addresses.
std::string inOneLine(const Node& node);

}  // namespace coffer::config
