// SPDX-License-Identifier: BSD-2-Clause
//
// What a thread that drives connections brings along: buffers that its connections share, one after
// the other, and the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace coffer::http {

class Worker {
 public:
  enum class Kind { Io, Lane };
  explicit Worker(Kind kind) : kind_(kind) {}

  // On a lane's thread a connection may finish writing but not read.
  [[nodiscard]] bool isOnLane() const { return kind_ == Kind::Lane; }

  // For incoming bytes, 256 KiB; its content belongs to the connection being driven.
  std::span<char> input() { return buffer(input_, kInputBytes); }
  // For outgoing bytes of a file over TLS, 64 KiB.
  std::span<char> output() { return buffer(output_, kOutputBytes); }

  // When this turn began: steady time, read once per event.
  std::chrono::steady_clock::time_point now() const { return now_; }
  void beginTurn() { now_ = std::chrono::steady_clock::now(); }

  // The Date field's value, made once a second.
  std::string_view httpDate();

 private:
  static constexpr std::size_t kInputBytes = 256 * 1024;
  static constexpr std::size_t kOutputBytes = 64 * 1024;

  static std::span<char> buffer(std::unique_ptr<char[]>& memory, std::size_t size) {
    if (!memory) memory.reset(new char[size]);  // Not touched: pages come with use.
    return {memory.get(), size};
  }

  Kind kind_;
  std::unique_ptr<char[]> input_;
  std::unique_ptr<char[]> output_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
  std::time_t dateSecond_ = 0;
  std::string date_;
};

}  // namespace coffer::http
