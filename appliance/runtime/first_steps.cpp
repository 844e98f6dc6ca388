// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/first_steps.h"

#include "appliance/runtime/machine_names.h"

#include <string_view>

namespace coffer::runtime {
namespace {

// "rest:https://laptop:PASSWORD@localhost:8443/restic/laptop/"
std::string resticExample(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return "rest:" + url + "laptop/";
  return "rest:" + url.substr(0, scheme + 3) + "laptop:PASSWORD@" + url.substr(scheme + 3) +
         "laptop/";
}

}  // namespace

std::string urlOfMount(const std::string& listenerUrl, const std::string& prefix) {
  std::string url = listenerUrl;
  if (url.starts_with("unix:")) return "http+unix://" + url.substr(5) + ":" + prefix + "/";
  for (const std::string_view wildcard : {"://0.0.0.0:", "://[::]:"}) {
    const auto at = url.find(wildcard);
    if (at == std::string::npos) continue;
    const std::string name = shortHostName();
    url.replace(at, wildcard.size(), "://" + name + (name == "localhost" ? ":" : ".local:"));
  }
  return url + prefix + "/";
}

std::string describe(const FirstSteps& steps) {
  const std::string options = " --data-dir " + steps.dataDir;
  std::string text;
  const auto line = [&](const std::string& content) { text += content + "\n"; };
  line("");
  if (!steps.vaultUrl.empty()) {
    line("vault (Bitwarden clients, \"self-hosted\"):  " +
         steps.vaultUrl.substr(0, steps.vaultUrl.size() - 1));
  }
  if (steps.needsVaultAccount) {
    line("  first account:  " + steps.program + " vault user add you@example.org" + options);
  }
  if (!steps.resticUrl.empty()) {
    line("restic:   restic -r " + resticExample(steps.resticUrl) + " init");
  }
  if (steps.needsResticUser) {
    line("  first user:     " + steps.program + " restic user add laptop" + options);
  }
  if (!steps.metricsUrl.empty()) {
    line("metrics:  " + steps.metricsUrl.substr(0, steps.metricsUrl.size() - 1));
  }
  for (const std::string& trust : steps.trust) line(trust);
  line("");
  return text;
}

}  // namespace coffer::runtime
