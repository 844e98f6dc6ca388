// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/log.h"
#include "appliance/runtime/appliance.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/service_options.h"
#include "appliance/runtime/standard_error.h"

namespace coffer::runtime {
namespace {

void announce(const Appliance& appliance) {
  for (const auto& listener : appliance.listeners()) sayLine("listening on " + listener.url);
}

void tellFirstSteps(Appliance& appliance, const ServeOptions& options) {
  const FirstSteps steps = appliance.firstSteps(options.program);
  if (options.firstSteps || steps.needsVaultAccount || steps.needsResticUser) say(describe(steps));
}

}  // namespace

int serve(const SettingsInput& input, const ServeOptions& options) {
  const ServiceManager manager = ServiceManager::fromEnvironment();
  std::vector<InheritedSocket> inherited = takeInheritedSockets();
  blockSignals();

  config::Settings settings = loadSettings(input);
  tightenUmask(settings.restic.groupAccessible ? 007 : 077);
  log::configure(logOptions(settings.log));
  const DataDirLock lock(settings.dataDir);
  Appliance appliance(std::move(settings), Persona::Coffer, std::move(inherited));
  appliance.prepare();
  appliance.watch(manager);
  appliance.start();
  announce(appliance);
  tellFirstSteps(appliance, options);
  manager.ready("serving");

  while (waitForSignal() == Signal::Reload) {
    manager.reloading();
    appliance.reload();
    manager.ready("serving");
  }
  log::info("runtime", "stopping");
  manager.stopping();
  appliance.stop();
  return 0;
}

}  // namespace coffer::runtime
