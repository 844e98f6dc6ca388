// SPDX-License-Identifier: BSD-2-Clause
//
// Other servers, as a test wants them to be.
#pragma once

#include "appliance/outbound/http_client.h"
#include "appliance/outbound/outbound_fault.h"

#include <functional>
#include <mutex>
#include <vector>

namespace coffer::vault::testing {

class FakeOutbound final : public outbound::HttpClient {
 public:
  outbound::HttpAnswer send(const outbound::HttpRequest& request) const override {
    std::lock_guard lock(mutex_);
    seen_.push_back(request);
    if (answer) return answer(request);
    throw outbound::OutboundFault(outbound::OutboundFault::Reason::Unreachable, request.url);
  }
  std::vector<outbound::HttpRequest> seen() const {
    std::lock_guard lock(mutex_);
    return seen_;
  }

  // Nobody answers until a test sets this.
  std::function<outbound::HttpAnswer(const outbound::HttpRequest&)> answer;

 private:
  mutable std::mutex mutex_;
  mutable std::vector<outbound::HttpRequest> seen_;
};

}  // namespace coffer::vault::testing
