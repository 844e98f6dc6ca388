// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/resident_pages.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <atomic>
#include <thread>

using namespace coffer::runtime;

namespace {

// Relocated data (the method tables), text and constants of a library, all used again.
bool digestWorks() {
  unsigned char out[32];
  unsigned int size = 0;
  return EVP_Digest("abc", 3, out, &size, EVP_sha256(), nullptr) == 1 && out[0] == 0xba &&
         out[31] == 0xad;
}

}  // namespace

TEST_CASE("what was let go of comes back by itself, also for threads that are using it") {
  REQUIRE(digestWorks());
  std::atomic<bool> stop{false};
  std::atomic<bool> good{true};
  std::thread user([&] {
    while (!stop) {
      if (!digestWorks()) good = false;
    }
  });
  std::size_t released = 0;
  for (int i = 0; i < 20; ++i) released = releaseStartupPages();
  stop = true;
  user.join();
  CHECK(released > 1024 * 1024);
  CHECK(good);
  CHECK(digestWorks());
}
