// SPDX-License-Identifier: BSD-2-Clause
//
// A connection to another server below Poco's sessions, plain or through TLS, with one limit for
// everything: connecting, handshake, and every byte in and out. Poco's own sockets know a timeout
// for each call only, which a server that sends a byte now and then never exceeds, and their TLS
// waits twice as long as it is told (and for closing, in some versions).
//
//   auto* channel = new Channel(connectTo(addresses, port, limit), limit);
//   Poco::Net::StreamSocket socket(channel);   // Owns it now.
//   channel->startTls(*context, host);
//   Poco::Net::HTTPClientSession session(socket);
//
// Poco's sessions swallow or rename some exceptions on their way; failure() keeps what really
// happened. After a failure every call fails at once.
// Threads: one at a time.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/outbound/ip_address.h"
#include "appliance/outbound/limit.h"
#include "appliance/outbound/outbound_fault.h"

#include <Poco/Net/StreamSocketImpl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace coffer::outbound {

// A non-blocking socket connected to the first address that answers; each gets its share of the
// time. Throws OutboundFault Unreachable or TimedOut.
UniqueFd connectTo(const std::vector<IpAddress>& addresses, std::uint16_t port, const Limit& limit);

class Channel final : public Poco::Net::StreamSocketImpl {
 public:
  Channel(UniqueFd connected, Limit limit);

  void setDeadline(Deadline deadline) { limit_.deadline = deadline; }

  // `host` is the name in the certificate, and asked for by SNI; it may be an address. Throws
  // OutboundFault: Untrusted, TimedOut, Unreachable.
  void startTls(ssl_ctx_st& context, const std::string& host);
  [[nodiscard]] bool isTls() const { return ssl_ != nullptr; }
  // For protocols of lines that say when they end: from now on, the end of the stream is a failure,
  // and so are more than `maxReply` bytes between two sends.
  void beDialogue(std::size_t maxReply) { maxReply_ = maxReply; }
  // For protocols whose parts have an end: from now on, more than `most` bytes are a failure; 0:
  // there may be any number.
  void limitReceiving(std::size_t most) {
    maxReceived_ = most;
    received_ = 0;
  }
  // Tells the peer that this is the end, as TLS wants it. Does not wait.
  void finish();

  // True once the peer has finished sending, and somebody wanted to read more.
  [[nodiscard]] bool sawEnd() const { return sawEnd_; }
  const std::optional<OutboundFault>& failure() const { return failure_; }

  // StreamSocketImpl; these throw Poco::IOException and note the failure. Sends everything.
  int sendBytes(const void* buffer, int length, int flags = 0) override;
  int receiveBytes(void* buffer, int length, int flags = 0) override;

 protected:
  ~Channel() override;

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const;
  };

  [[noreturn]] void fail(OutboundFault::Reason reason, const std::string& detail);
  void wait(short events);
  void waitForTls(int result, const char* doing);
  int sendSome(const char* bytes, int length);
  int receiveSome(void* buffer, int length);

  Limit limit_;
  std::unique_ptr<ssl_st, SslFree> ssl_;
  bool sawEnd_ = false;
  std::size_t maxReply_ = 0;  // 0: no dialogue.
  std::size_t replied_ = 0;
  std::size_t maxReceived_ = 0;  // 0: any number.
  std::size_t received_ = 0;
  std::optional<OutboundFault> failure_;
};

}  // namespace coffer::outbound
