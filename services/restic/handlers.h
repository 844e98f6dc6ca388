// SPDX-License-Identifier: BSD-2-Clause
//
// What each route does once the guard has let it through. One object, safe from any thread.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "appliance/http/route.h"
#include "services/restic/guards.h"
#include "services/restic/restic_metrics.h"
#include "services/restic/restic_options.h"
#include "services/restic/usage_ledger.h"
#include "storage/blobs/blob_store.h"

#include <memory>

namespace coffer::restic {

// What handlers and upload sinks work with. Everything outlives the server.
struct ResticParts {
  const ResticOptions& options;
  const Clock& clock;
  storage::BlobStore& blobs;
  UsageLedger& ledger;
  ResticMetrics& metrics;
};

class Handlers {
 public:
  explicit Handlers(ResticParts parts) : parts_(parts) {}

  // The repository itself.
  http::Response createRepository(http::Request& request) const;  // POST ?create=true
  http::Response deleteRepository(http::Request& request) const;

  http::Response headConfig(http::Request& request) const;
  http::Response getConfig(http::Request& request) const;
  std::unique_ptr<http::BodySink> storeConfig(http::Request& request) const;
  http::Response deleteConfig(http::Request& request) const;

  http::Response listObjects(http::Request& request) const;
  http::Response headObject(http::Request& request) const;
  http::Response getObject(http::Request& request) const;
  std::unique_ptr<http::BodySink> storeObject(http::Request& request) const;
  http::Response deleteObject(http::Request& request) const;

 private:
  const Grant& grantOf(http::Request& request) const;  // Also notes that the repository was used.
  void countRead(const Grant& grant, http::Response& response) const;

  ResticParts parts_;
};

}  // namespace coffer::restic
