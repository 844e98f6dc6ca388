// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/route.h"

namespace coffer::http {
namespace {

class Anyone final : public Guard {
 public:
  std::string_view description() const override { return "anyone"; }
  Admission admit(Request&, Lane) const override { return Admission::Granted; }
};

}  // namespace

const Guard& anyone() {
  static const Anyone guard;
  return guard;
}

}  // namespace coffer::http
