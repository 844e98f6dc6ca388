// SPDX-License-Identifier: BSD-2-Clause
//
// What the owner of a new box is told on the terminal: where things are and what to do next.
#pragma once

#include <string>
#include <vector>

namespace coffer::runtime {

struct FirstSteps {
  std::string dataDir;
  std::string program = "coffer";  // As it was called, for commands that can be copied.
  std::string vaultUrl;            // "" where nothing of the kind is mounted; likewise below.
  std::string resticUrl;           // Of the mount, with a slash at the end.
  std::string metricsUrl;
  bool needsVaultAccount = false;
  bool needsResticUser = false;
  std::vector<std::string> trust;  // How clients are told about the local authority.
};

// Lines ready for standard error, with a line end each.
std::string describe(const FirstSteps& steps);

// The URL of a mount as another program on this machine, or on the network where the listener is
// open to it, would write it: a wildcard address becomes the name of the machine.
std::string urlOfMount(const std::string& listenerUrl, const std::string& prefix);

}  // namespace coffer::runtime
