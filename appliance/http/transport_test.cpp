// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/transport.h"

#include <doctest/doctest.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <thread>
#include <unistd.h>

using namespace coffer;
using http::IoResult;
using http::Transport;

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File fileWith(const std::string& bytes) {
  File file(std::tmpfile(), &std::fclose);
  REQUIRE(file);
  REQUIRE(::pwrite(::fileno(file.get()), bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(bytes.size()));
  return file;
}

// From now on this thread's sendfile(2) fails with `error`, as on file systems that lack it.
bool denySendfile(unsigned error) {
#ifdef SYS_sendfile64
  constexpr unsigned kOther = SYS_sendfile64;
#else
  constexpr unsigned kOther = SYS_sendfile;
#endif
  std::array<sock_filter, 5> code{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendfile, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kOther, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct Sent {
  bool isDenied = false;
  std::string received;
  std::uint64_t offset = 0;
  IoResult last;
};

// Sends all of `file` from byte 5 on, and what follows its end, on a thread without sendfile(2).
Sent sendWithout(unsigned error, int file, std::size_t size) {
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) == 0);
  const UniqueFd peer(pair[1]);
  Transport transport(UniqueFd(pair[0]), nullptr);
  Sent sent;
  sent.offset = 5;
  std::thread([&] {
    sent.isDenied = denySendfile(error);
    if (!sent.isDenied) return;
    std::array<char, 4096> piece{};
    for (int turn = 0; turn < 10'000; ++turn) {
      sent.last = transport.sendFile(file, sent.offset, size);
      const auto got = ::recv(peer.get(), piece.data(), piece.size(), 0);
      if (got > 0) sent.received.append(piece.data(), static_cast<std::size_t>(got));
      const bool isMoving =
          sent.last.kind == IoResult::Kind::Done || sent.last.kind == IoResult::Kind::WantWrite;
      if (!isMoving && got <= 0) return;
    }
  }).join();
  return sent;
}

}  // namespace

TEST_CASE("a file goes out also where its file system has no sendfile") {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>('a' + i % 23);
  const File file = fileWith(bytes);
  for (const unsigned error : {unsigned{EINVAL}, unsigned{ENOSYS}}) {
    CAPTURE(error);
    const Sent sent = sendWithout(error, ::fileno(file.get()), bytes.size());
    if (!sent.isDenied) {
      MESSAGE("seccomp is not available here");
      return;
    }
    CHECK(sent.received.size() == bytes.size() - 5);
    CHECK(sent.received == bytes.substr(5));
    CHECK(sent.offset == bytes.size());
    CHECK(sent.last.kind == IoResult::Kind::Eof);  // Asked for more than the file has.
  }
}

TEST_CASE("what cannot be read at all is still a failure") {
  const UniqueFd folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Sent sent = sendWithout(EINVAL, folder.get(), 10);
  if (sent.isDenied) CHECK(sent.last.kind == IoResult::Kind::Failed);
}
