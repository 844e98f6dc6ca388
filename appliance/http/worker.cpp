// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/worker.h"

#include "appliance/base/clock.h"

namespace coffer::http {

std::string_view Worker::httpDate() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != dateSecond_ || date_.empty()) {
    dateSecond_ = now.tv_sec;
    date_ = formatHttpDate(now.tv_sec * kSecond);
  }
  return date_;
}

}  // namespace coffer::http
