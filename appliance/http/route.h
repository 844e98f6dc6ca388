// SPDX-License-Identifier: BSD-2-Clause
//
// One row of a service's route table. A row without a guard, a body limit and a lane does not
// compile; `coffer routes` prints the tables.
#pragma once

#include "appliance/http/lane.h"
#include "appliance/http/method.h"
#include "appliance/http/request.h"
#include "appliance/http/response.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace coffer::http {

enum class Admission : std::uint8_t {
  Granted,
  // The guard must hash a password first: it is asked again, on the hash lane, and then has the
  // answer. It is never asked a third time; on the hash lane it must grant or throw.
  NeedsHashLane,
};

// Who may call. Stateless or safe from any thread.
class Guard {
 public:
  virtual ~Guard() = default;
  // For `coffer routes`: "anyone", "vault session", "restic append".
  virtual std::string_view description() const = 0;
  // Throws Unauthorized, Forbidden, NotFound, TooManyRequests … to refuse. Called before any byte
  // of the body is read, with the route matched and its parameters set.
  virtual Admission admit(Request& request, Lane lane) const = 0;
};

// Lets everybody in. A row that names it says so on purpose.
const Guard& anyone();

// Largest body a route takes, in bytes. Over it: 413, and the connection closes.
struct BodyLimit {
  std::uint64_t bytes;
};
constexpr BodyLimit kNoBody{0};

// Takes an upload piece by piece.
class BodySink {
 public:
  // Destroyed without finish(): the client went away or the body was bad. Whatever was written so
  // far must vanish, and any quota be given back.
  virtual ~BodySink() = default;
  // The next bytes, on the Io lane, up to 256 KiB at a time. Throws to refuse the rest.
  virtual void write(std::string_view bytes) = 0;
  // The body was complete. Runs on the Disk lane: flush, rename, answer. Throws to refuse.
  virtual Response finish() = 0;
};

using Handler = std::function<Response(Request&)>;
// Runs on the Io lane before a byte of the body is read; "100 Continue" goes out after it returned.
// Throws to refuse; the sink may keep a reference to the request.
using UploadHandler = std::function<std::unique_ptr<BodySink>(Request&)>;

class Route {
 public:
  // The body is collected first, then `handler` runs on `lane`.
  Route(Method method, std::string pattern, const Guard& guard, BodyLimit limit, Lane lane,
        Handler handler)
      : method_(method),
        pattern_(std::move(pattern)),
        guard_(&guard),
        limit_(limit),
        lane_(lane),
        handler_(std::move(handler)) {}

  // The body is streamed into the sink that `handler` returns.
  static Route upload(Method method, std::string pattern, const Guard& guard, BodyLimit limit,
                      UploadHandler handler) {
    Route route(method, std::move(pattern), guard, limit, Lane::Disk, nullptr);
    route.handler_ = std::move(handler);
    return route;
  }

  Method method() const { return method_; }
  // "/api/folders/{id}". A literal segment beats a parameter. "{rest*}" last takes what follows.
  const std::string& pattern() const { return pattern_; }
  const Guard& guard() const { return *guard_; }
  BodyLimit limit() const { return limit_; }
  Lane lane() const { return lane_; }
  bool isUpload() const { return std::holds_alternative<UploadHandler>(handler_); }
  const Handler& handler() const { return std::get<Handler>(handler_); }
  const UploadHandler& uploadHandler() const { return std::get<UploadHandler>(handler_); }

 private:
  Method method_;
  std::string pattern_;
  const Guard* guard_;
  BodyLimit limit_;
  Lane lane_;
  std::variant<Handler, UploadHandler> handler_;
};

}  // namespace coffer::http
