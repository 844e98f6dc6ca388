// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/domains/domain_json.h"

#include "services/vault/domains/global_domains.h"
#include "services/vault/json/request_reader.h"

#include <cstdint>
#include <set>

namespace coffer::vault {
namespace {

std::set<std::int64_t> excludedBy(const storage::User& user) {
  std::set<std::int64_t> numbers;
  const auto document = json::Document::parse(user.excludedGlobals);
  const auto list = document.array();
  for (std::size_t i = 0; i < list.size(); ++i) numbers.insert(list.integer(i));
  return numbers;
}

}  // namespace

void writeDomains(json::Writer& writer, const storage::User& user, ExcludedGroups excluded) {
  const auto numbers = excludedBy(user);
  writer.beginObject().rawField("equivalentDomains", user.equivalentDomains);
  writer.key("globalEquivalentDomains").beginArray();
  for (const DomainGroup& group : globalDomainGroups()) {
    const bool isExcluded = numbers.contains(group.type);
    if (isExcluded && excluded == ExcludedGroups::LeftOut) continue;
    writer.beginObject().field("type", group.type).key("domains").beginArray();
    for (const auto domain : group.domains) writer.value(domain);
    writer.endArray().field("excluded", isExcluded).endObject();
  }
  writer.endArray().field("object", "domains").endObject();
}

}  // namespace coffer::vault
