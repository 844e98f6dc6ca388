// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unistd.h>

namespace coffer::http {
namespace {

constexpr std::size_t kCopiedText = 16 * 1024;         // A text up to this is sent with its head.
constexpr std::uint64_t kTurnBytes = 4 * 1024 * 1024;  // Then other connections have their turn.
constexpr std::size_t kSendFileStep = 1024 * 1024;
constexpr std::size_t kChunkPrefix = 18;  // 16 digits of size and CRLF.

bool mayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

ResponseWriter::Progress progressOf(IoResult::Kind kind) {
  switch (kind) {
    case IoResult::Kind::WantRead:
      return ResponseWriter::Progress::WantRead;
    case IoResult::Kind::WantWrite:
      return ResponseWriter::Progress::WantWrite;
    default:
      return ResponseWriter::Progress::Failed;
  }
}

std::string decimal(std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

}  // namespace

ResponseWriter::ResponseWriter(Response response, const ResponseFraming& framing)
    : response_(std::move(response)), keepAlive_(framing.keepAlive && !response_.closes()) {
  std::string length;
  if (auto* text = std::get_if<std::string>(&response_.body())) {
    kind_ = text->empty() ? BodyKind::None : BodyKind::Text;
    length = decimal(text->size());
  } else if (auto* file = std::get_if<FileBody>(&response_.body())) {
    kind_ = file->length == 0 ? BodyKind::None : BodyKind::File;
    length = decimal(file->length);
  } else {
    kind_ = BodyKind::Source;
    chunked_ = framing.http11;
    if (!chunked_ && !framing.headRequest) keepAlive_ = false;
  }
  if (response_.declaredLength() >= 0 && (framing.headRequest || response_.status() == 304)) {
    length = decimal(static_cast<std::uint64_t>(response_.declaredLength()));
  } else if (!mayHaveBody(response_.status())) {
    length.clear();
  }
  if (framing.headRequest || !mayHaveBody(response_.status())) {
    kind_ = BodyKind::None;
    chunked_ = false;
  }
  formatHead(framing, length);
  overhead_ = buffer_.size();
  if (kind_ == BodyKind::Text) {
    auto& text = std::get<std::string>(response_.body());
    if (text.size() <= kCopiedText) {
      buffer_ += text;
      kind_ = BodyKind::None;
    }
  }
}

void ResponseWriter::formatHead(const ResponseFraming& framing, std::string_view length) {
  std::size_t size = 256;
  for (const auto& [name, value] : response_.headers()) size += name.size() + value.size() + 4;
  const auto* text = std::get_if<std::string>(&response_.body());
  if (text && text->size() <= kCopiedText) size += text->size();
  buffer_.reserve(size);

  buffer_ += "HTTP/1.1 ";
  buffer_ += decimal(static_cast<std::uint64_t>(response_.status()));
  buffer_ += ' ';
  buffer_ += reasonPhrase(response_.status());
  buffer_ += "\r\nDate: ";
  buffer_ += framing.date;
  for (const auto& [name, value] : response_.headers()) {
    buffer_ += "\r\n";
    buffer_ += name;
    buffer_ += ": ";
    buffer_ += value;
  }
  if (!length.empty()) {
    buffer_ += "\r\nContent-Length: ";
    buffer_ += length;
  } else if (chunked_) {
    buffer_ += "\r\nTransfer-Encoding: chunked";
  }
  if (response_.status() == 101) {
    buffer_ += "\r\nConnection: Upgrade";
  } else if (!keepAlive_) {
    buffer_ += "\r\nConnection: close";
  } else if (!framing.http11) {
    buffer_ += "\r\nConnection: keep-alive";
  }
  if (!framing.requestId.empty()) {
    buffer_ += "\r\nX-Request-Id: ";
    buffer_ += framing.requestId;
  }
  buffer_ += "\r\n\r\n";
}

std::uint64_t ResponseWriter::bodyBytesSent() const {
  return totalSent_ > overhead_ ? totalSent_ - overhead_ : 0;
}

ResponseWriter::Progress ResponseWriter::write(Transport& transport, Worker& worker,
                                               std::uint64_t& moved) {
  const std::uint64_t before = moved;
  Progress progress = Progress::Failed;
  try {
    switch (kind_) {
      case BodyKind::None:
        progress = sendBuffer(transport, false, moved);
        break;
      case BodyKind::Text:
        progress = sendText(transport, moved);
        break;
      case BodyKind::File:
        progress = sendFile(transport, worker, moved);
        break;
      case BodyKind::Source:
        progress = sendSource(transport, moved);
        break;
    }
  } catch (...) {
    totalSent_ += moved - before;
    throw;
  }
  totalSent_ += moved - before;
  return progress;
}

ResponseWriter::Progress ResponseWriter::sendBuffer(Transport& transport, bool moreFollows,
                                                    std::uint64_t& moved) {
  while (bufferSent_ < buffer_.size()) {
    const auto rest = std::string_view(buffer_).substr(bufferSent_);
    const auto result = moreFollows ? transport.writeMore(rest) : transport.write(rest);
    if (result.kind != IoResult::Kind::Done) return progressOf(result.kind);
    bufferSent_ += result.bytes;
    moved += result.bytes;
  }
  return Progress::Done;
}

ResponseWriter::Progress ResponseWriter::sendText(Transport& transport, std::uint64_t& moved) {
  const std::string_view text = std::get<std::string>(response_.body());
  while (bodySent_ < text.size()) {
    const auto head = std::string_view(buffer_).substr(bufferSent_);
    const auto body = text.substr(static_cast<std::size_t>(bodySent_));
    const auto result = head.empty() ? transport.write(body) : transport.write(head, body);
    if (result.kind != IoResult::Kind::Done) return progressOf(result.kind);
    const auto ofHead = std::min(result.bytes, head.size());
    bufferSent_ += ofHead;
    bodySent_ += result.bytes - ofHead;
    moved += result.bytes;
  }
  return Progress::Done;
}

ResponseWriter::Progress ResponseWriter::sendFile(Transport& transport, Worker& worker,
                                                  std::uint64_t& moved) {
  if (const auto head = sendBuffer(transport, true, moved); head != Progress::Done) return head;
  auto& file = std::get<FileBody>(response_.body());
  std::uint64_t turn = 0;
  while (bodySent_ < file.length) {
    if (turn >= kTurnBytes) return Progress::WantWrite;
    const auto left = file.length - bodySent_;
    IoResult result;
    if (transport.isTls()) {
      // What TLS does not take now is read again later, from the page cache.
      const auto scratch = worker.output();
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, scratch.size()));
      const auto got =
          ::pread(file.file.get(), scratch.data(), size, static_cast<off_t>(file.offset));
      if (got <= 0) return Progress::Failed;
      std::string_view piece(scratch.data(), static_cast<std::size_t>(got));
      while (!piece.empty()) {
        result = transport.write(piece);
        if (result.kind != IoResult::Kind::Done) return progressOf(result.kind);
        piece.remove_prefix(result.bytes);
        file.offset += result.bytes;
        bodySent_ += result.bytes;
        moved += result.bytes;
        turn += result.bytes;
      }
      continue;
    }
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(left, kSendFileStep));
    result = transport.sendFile(file.file.get(), file.offset, step);
    if (result.kind != IoResult::Kind::Done) return progressOf(result.kind);
    bodySent_ += result.bytes;
    moved += result.bytes;
    turn += result.bytes;
  }
  return Progress::Done;
}

ResponseWriter::Progress ResponseWriter::sendSource(Transport& transport, std::uint64_t& moved) {
  std::uint64_t turn = 0;
  for (;;) {
    // The first piece travels with the head.
    const bool onlyHead = bufferSent_ == 0 && overhead_ == buffer_.size();
    if (!sourceEnded_ && (onlyHead || bufferSent_ == buffer_.size())) pullPiece();
    const std::uint64_t before = moved;
    const auto progress = sendBuffer(transport, !sourceEnded_, moved);
    turn += moved - before;
    if (progress != Progress::Done) return progress;
    if (sourceEnded_) return Progress::Done;
    if (turn >= kTurnBytes) return Progress::WantWrite;
  }
}

void ResponseWriter::pullPiece() {
  if (bufferSent_ == buffer_.size()) {
    buffer_.clear();
    bufferSent_ = 0;
  }
  auto& source = *std::get<std::unique_ptr<BodySource>>(response_.body());
  const std::size_t start = buffer_.size();
  // The size stands before the data: leave room, and move it up against the data afterwards.
  if (chunked_) buffer_.append(kChunkPrefix, ' ');
  const std::size_t dataStart = buffer_.size();
  sourceEnded_ = !source.read(buffer_);
  const std::size_t dataSize = buffer_.size() - dataStart;
  if (!chunked_) return;
  if (dataSize == 0) {
    buffer_.resize(start);
  } else {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + 16, dataSize, 16).ptr;
    const auto count = static_cast<std::size_t>(end - digits.data());
    const std::size_t prefix = dataStart - count - 2;
    std::copy(digits.data(), end, buffer_.begin() + static_cast<std::ptrdiff_t>(prefix));
    buffer_[dataStart - 2] = '\r';
    buffer_[dataStart - 1] = '\n';
    buffer_ += "\r\n";
    if (start == 0) {
      bufferSent_ = prefix;  // The unused room is not sent.
    } else {
      buffer_.erase(start, prefix - start);
    }
    overhead_ += count + 4;
  }
  if (sourceEnded_) {
    buffer_ += "0\r\n\r\n";
    overhead_ += 5;
  }
}

}  // namespace coffer::http
