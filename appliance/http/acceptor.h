// SPDX-License-Identifier: BSD-2-Clause
//
// One listening socket in the workers' epoll set.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/listener.h"
#include "appliance/http/poller.h"
#include "appliance/http/server_core.h"

#include <mutex>

namespace coffer::http {

class Acceptor final : public Pollable {
 public:
  // Throws UsageError.
  Acceptor(ServerCore& core, ListenerOptions options);

  const BoundListener& bound() const { return socket_.bound; }
  void start();
  // No connection is accepted after it returns; the file of a Unix socket is gone.
  void close();

  void onEvent(Worker& worker) override;

 private:
  // False when there is nothing to accept now, or accepting has to pause.
  bool acceptOne();
  void refuseForLackOfDescriptors();
  void pause();

  ServerCore& core_;
  ListenerSettings settings_;
  std::mutex mutex_;  // Held while accepting, so that close() cannot pull the socket away.
  OpenSocket socket_;
  UniqueFd spare_;  // Given up to accept, and close, when descriptors have run out.
  bool paused_ = false;
};

}  // namespace coffer::http
