// SPDX-License-Identifier: BSD-2-Clause
//
// Until when a connection may take for what it is doing. Set by the thread that drives it, read by
// the sweeper without a lock. The sweeper never frees: it shuts the socket down, which wakes
// whoever drives the connection next.
#pragma once

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace coffer::http {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Kind : std::uint8_t {
    None,     // Work of our own: nothing the client does could end it.
    Idle,     // Waiting for a request, or for the rest of its head.
    Receive,  // Waiting for the rest of a body.
    Send,     // Waiting until the client takes more of a response.
  };

  // How long bytes of a body that wait to be read hold its deadline up: then it is our disk that is
  // slow, not the client.
  static constexpr std::chrono::minutes kGrace{5};

  void set(Kind kind, Clock::time_point end) {
    expired_.store(false, std::memory_order_relaxed);
    word_.store(pack(kind, end), std::memory_order_seq_cst);
  }
  void clear() { set(Kind::None, {}); }

  Kind kind() const { return static_cast<Kind>(word_.load(std::memory_order_seq_cst) & 3U); }
  // True when the sweeper has shut the socket down since the last set().
  [[nodiscard]] bool expired() const { return expired_.load(std::memory_order_acquire); }

  // The sweeper's part. Shuts only the receiving side where an answer may still be given.
  void sweep(Clock::time_point now, int fd) {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    const auto kind = static_cast<Kind>(word & 3U);
    if (kind == Kind::None || (word >> 2U) > millisecondsOf(now)) return;
    if (kind == Kind::Receive && (word >> 2U) > millisecondsOf(now - kGrace) && hasUnread(fd)) {
      return;
    }
    if (!word_.compare_exchange_strong(word, pack(Kind::None, {}))) return;
    expired_.store(true, std::memory_order_release);
    ::shutdown(fd, kind == Kind::Send ? SHUT_RDWR : SHUT_RD);
  }

 private:
  static bool hasUnread(int fd) {
    int bytes = 0;
    return ::ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
  }
  static std::uint64_t millisecondsOf(Clock::time_point time) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  }
  static std::uint64_t pack(Kind kind, Clock::time_point end) {
    return (millisecondsOf(end) << 2U) | static_cast<std::uint64_t>(kind);
  }

  std::atomic<std::uint64_t> word_{0};  // Milliseconds, and the kind in the last two bits.
  std::atomic<bool> expired_{false};
};

}  // namespace coffer::http
