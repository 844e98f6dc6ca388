// SPDX-License-Identifier: BSD-2-Clause
//
// Sends one response over a transport, piece by piece, whenever the socket takes some.
#pragma once

#include "appliance/http/response.h"
#include "appliance/http/transport.h"
#include "appliance/http/worker.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::http {

// What the connection knows and the response does not.
struct ResponseFraming {
  bool headRequest = false;
  bool http11 = true;      // The request's version: a 1.0 client knows no chunked coding.
  bool keepAlive = false;  // The connection may go on afterwards.
  std::string_view date;
  std::string_view requestId;
};

class ResponseWriter {
 public:
  // Formats the head. A body whose end only the closed connection can show ends keepAlive().
  ResponseWriter(Response response, const ResponseFraming& framing);

  enum class Progress : std::uint8_t {
    Done,
    WantRead,   // TLS only.
    WantWrite,  // The socket is full, or this turn has sent its share.
    Failed,     // The peer has gone, or the body could not be made: cut the connection.
  };
  // `moved` grows with the bytes that the socket has taken in this turn.
  Progress write(Transport& transport, Worker& worker, std::uint64_t& moved);

  [[nodiscard]] bool keepAlive() const { return keepAlive_; }
  const Response& response() const { return response_; }
  std::uint64_t bodyBytesSent() const;

 private:
  enum class BodyKind : std::uint8_t { None, Text, File, Source };

  void formatHead(const ResponseFraming& framing, std::string_view length);
  Progress sendText(Transport& transport, std::uint64_t& moved);
  Progress sendBuffer(Transport& transport, bool moreFollows, std::uint64_t& moved);
  Progress sendFile(Transport& transport, Worker& worker, std::uint64_t& moved);
  Progress sendSource(Transport& transport, std::uint64_t& moved);
  void pullPiece();

  Response response_;
  std::string buffer_;          // The head, then pieces of a source's body …
  std::size_t bufferSent_ = 0;  // … and how much of it has gone.
  std::uint64_t overhead_ = 0;  // Bytes sent or in buffer_ that are not body.
  std::uint64_t totalSent_ = 0;
  std::uint64_t bodySent_ = 0;  // Of a text or a file.
  BodyKind kind_ = BodyKind::None;
  bool chunked_ = false;
  bool keepAlive_ = false;
  bool sourceEnded_ = false;
};

}  // namespace coffer::http
