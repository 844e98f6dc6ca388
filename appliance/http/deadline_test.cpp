// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/deadline.h"

#include "appliance/base/unique_fd.h"

#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <unistd.h>

using namespace coffer;
using http::Deadline;
using namespace std::chrono_literals;

namespace {

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  void clientSends() const { REQUIRE(::write(theirs.get(), "x", 1) == 1); }
  ssize_t weRead() const {
    char byte = 0;
    return ::read(ours.get(), &byte, 1);
  }
  UniqueFd ours;
  UniqueFd theirs;
};

}  // namespace

TEST_CASE("a body's deadline is the client's, not ours: bytes that wait to be read hold it up") {
  const auto begin = Deadline::Clock::now();
  const Pair pair;
  Deadline deadline;
  deadline.set(Deadline::Kind::Receive, begin);

  SUBCASE("the disk is slow, the client is not") {
    pair.clientSends();
    deadline.sweep(begin + 1s, pair.ours.get());
    CHECK_FALSE(deadline.expired());
    CHECK(pair.weRead() == 1);
    CHECK((pair.weRead() < 0 && errno == EAGAIN));
    deadline.sweep(begin + 2s, pair.ours.get());
    CHECK(deadline.expired());
    CHECK(pair.weRead() == 0);
  }
  SUBCASE("but not for ever") {
    pair.clientSends();
    deadline.sweep(begin + Deadline::kGrace + 1s, pair.ours.get());
    CHECK(deadline.expired());
  }
  SUBCASE("nothing waits: the client is slow") {
    deadline.sweep(begin + 1s, pair.ours.get());
    CHECK(deadline.expired());
  }
}

TEST_CASE("waiting bytes do not hold up the deadline of a head") {
  const auto begin = Deadline::Clock::now();
  const Pair pair;
  Deadline deadline;
  deadline.set(Deadline::Kind::Idle, begin);
  pair.clientSends();
  deadline.sweep(begin + 1s, pair.ours.get());
  CHECK(deadline.expired());
}
