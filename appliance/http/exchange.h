// SPDX-License-Identifier: BSD-2-Clause
//
// One request and its response: everything that is decided about them, without the socket. The
// connection calls it step by step: begin, admit, openBody, takePiece…, produce, start, finish.
//
// Threads: one at a time, not always the same.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/body_framing.h"
#include "appliance/http/head_parser.h"
#include "appliance/http/request.h"
#include "appliance/http/response_writer.h"
#include "appliance/http/server_core.h"
#include "appliance/http/service.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::http {

class Exchange {
 public:
  Exchange(ServerCore& core, std::chrono::steady_clock::time_point begin);
  // Calls finish() when the connection has ended in the middle of a response.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Makes the request of a parsed head and finds its mount and route. Throws BadRequest for a path
  // that cannot be decoded and NotFound when no mount fits; that nothing matched below a mount is
  // told only by openBody(), after the guard.
  void begin(Head head, const ListenerSettings& listener, const Peer& peer,
             const std::string& certificateName);

  // Asks the guard. Throws its refusal.
  Admission admit(Lane lane);
  // The same on the hash lane, where there is nobody to throw to; settleAdmission() throws it.
  void admitOnHashLane() noexcept;
  void settleAdmission();

  // Decides how the body is taken. Throws NotFound or MethodNotAllowed when no route matched,
  // PayloadTooLarge, and what an upload's handler throws.
  void openBody();
  // True for a body that the route has no use for: an answer need not wait for it.
  [[nodiscard]] bool discardsBody() const { return intake_ == Intake::Discard; }
  // The client is to be told "100 Continue" before it sends.
  [[nodiscard]] bool awaitsContinue() const { return awaitsContinue_; }
  void continued() { awaitsContinue_ = false; }
  BodyFraming& framing() { return framing_; }
  // Throws PayloadTooLarge, or what the sink throws.
  void takePiece(std::string_view bytes);

  // Where produce() has to run.
  Lane lane() const;
  // Runs the handler, or finishes the upload. What goes wrong becomes a response. Nothing: there is
  // more to do, on what lane() says now, by another call.
  std::optional<Response> produce() noexcept;
  // The answer to something that was thrown. An upload under way is undone.
  Response refusal(const std::exception_ptr& thrown) noexcept;
  // The core's own words, for what no service can answer for.
  static Response plainAnswer(int status);

  // Formats the response's head. `keepAlive`: as far as the connection is concerned.
  ResponseWriter& start(Response response, bool keepAlive, std::string_view date);
  ResponseWriter& writer() { return *writer_; }
  [[nodiscard]] bool wantsKeepAlive() const { return wantsKeepAlive_; }
  // Counts and logs the request; at most once.
  void finish() noexcept;

  const Request& request() const { return request_; }

 private:
  enum class Intake : std::uint8_t { Discard, Collect, Sink };

  Response runHandler();
  Response answerHandshake(Response response);
  Response answerTo(const Fault& fault);
  Response renderFault(const Fault& fault) noexcept;
  void logFault(const Fault& fault) const;
  void describeClient(class RequestBuilder& builder, const Head& head,
                      const ListenerSettings& listener, const Peer& peer) const;

  ServerCore& core_;
  const std::chrono::steady_clock::time_point begin_;
  UnixMicros wallBegin_;
  const Service* service_ = nullptr;
  Request request_;
  Match match_;  // Route and methods; the parameters are in the request.
  bool http11_ = true;
  bool wantsKeepAlive_ = false;
  bool awaitsContinue_ = false;
  bool finished_ = false;
  Intake intake_ = Intake::Discard;
  std::uint64_t limit_ = 0;
  std::uint64_t taken_ = 0;
  BodyFraming framing_;
  std::exception_ptr denied_;
  std::string body_;
  std::unique_ptr<BodySink> sink_;  // May refer to the request.
  std::shared_ptr<const Continuation> continuation_;
  std::optional<ResponseWriter> writer_;
};

}  // namespace coffer::http
