// SPDX-License-Identifier: BSD-2-Clause
//
// Where a piece of work runs. Each lane but Io is a small pool of threads with a bounded queue: a
// full one answers 503 with Retry-After, and what waits on one lane holds up no other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer::http {

enum class Lane : std::uint8_t {
  Io,        // The workers that read and write sockets: nothing may wait there for a disk flush or
             // burn more than a millisecond.
  Disk,      // May wait for fsync: every write to the database or to a blob.
  Hash,      // Password hashing and other slow arithmetic; few threads.
  Outbound,  // Asks another server, because the answer depends on it: Duo, YubiKey.
  Fetch,     // Fetches what an answer could do without: icons. Many may wait, none that matter.
};

constexpr std::array kLanes = {Lane::Io, Lane::Disk, Lane::Hash, Lane::Outbound, Lane::Fetch};

// "io", "disk", … : in `coffer routes`, in metrics, and as the names of threads.
constexpr std::string_view nameOf(Lane lane) {
  constexpr std::array<std::string_view, kLanes.size()> kNames = {"io", "disk", "hash", "outbound",
                                                                  "fetch"};
  return kNames[static_cast<std::size_t>(lane)];
}

}  // namespace coffer::http
