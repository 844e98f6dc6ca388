// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/small_thread.h"

#include "appliance/base/fault.h"

#include <string>

namespace coffer::http {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackBytes =
    2 * 1024 * 1024;  // Sanitizers make frames several times larger.
#else
constexpr std::size_t kStackBytes = 512 * 1024;
#endif

struct Start {
  std::string name;
  std::function<void()> body;
};

void* runThread(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  pthread_setname_np(pthread_self(), start->name.c_str());
  start->body();
  return nullptr;
}

}  // namespace

SmallThread::SmallThread(const char* name, std::function<void()> body) {
  auto start = std::make_unique<Start>(Start{name, std::move(body)});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  const int error = pthread_create(&thread_, &attributes, &runThread, start.get());
  pthread_attr_destroy(&attributes);
  if (error != 0) throwSystemFault("pthread_create", error);
  static_cast<void>(start.release());  // The thread owns it now.
  joinable_ = true;
}

SmallThread::~SmallThread() {
  if (joinable_) pthread_join(thread_, nullptr);
}

}  // namespace coffer::http
