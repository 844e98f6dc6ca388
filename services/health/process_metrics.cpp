// SPDX-License-Identifier: BSD-2-Clause
#include "services/health/process_metrics.h"

#include "appliance/base/bytes.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <sys/resource.h>
#include <sys/statvfs.h>

#include <dirent.h>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <unistd.h>

namespace coffer::health {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string contentOf(const char* path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> wordsOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::optional<std::uint64_t> numberAt(const std::vector<std::string>& words, std::size_t index) {
  return index < words.size() ? parseUnsigned(words[index]) : std::nullopt;
}

// proc(5): fields of /proc/self/stat from the third on, since the second, the program's name, may
// hold blanks and parentheses.
std::vector<std::string> statFields() {
  const std::string text = contentOf("/proc/self/stat");
  const auto nameEnd = text.rfind(')');
  return nameEnd == std::string::npos ? std::vector<std::string>{}
                                      : wordsOf(text.substr(nameEnd + 1));
}
constexpr std::size_t kThreads = 20 - 3;
constexpr std::size_t kStartTime = 22 - 3;  // In clock ticks after the machine has started.

std::optional<std::uint64_t> bootTime() {
  const auto words = wordsOf(contentOf("/proc/stat"));
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "btime") return parseUnsigned(words[i + 1]);
  }
  return std::nullopt;
}

double readStartTime() {
  const auto booted = bootTime();
  const auto ticks = numberAt(statFields(), kStartTime);
  const long perSecond = ::sysconf(_SC_CLK_TCK);
  if (!booted || !ticks || perSecond <= 0) return 0;
  return static_cast<double>(*booted) +
         static_cast<double>(*ticks) / static_cast<double>(perSecond);
}

double secondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> openDescriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  if (!folder) return std::nullopt;
  double count = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count - 1;  // The folder itself.
}

// Makes the families.
class Page {
 public:
  MetricFamily& family(const char* name, MetricType type, const char* help) {
    MetricFamily made;
    made.name = name;
    made.help = help;
    made.type = type;
    families.push_back(std::move(made));
    return families.back();
  }

  void gauge(const char* name, const char* help, double value) {
    ClientMetric metric;
    metric.gauge.value = value;
    family(name, MetricType::Gauge, help).metric.push_back(metric);
  }
  void counter(const char* name, const char* help, double value) {
    ClientMetric metric;
    metric.counter.value = value;
    family(name, MetricType::Counter, help).metric.push_back(metric);
  }

  std::vector<MetricFamily> families;
};

void addLabelled(MetricFamily& family, const char* label, const std::string& name, double value) {
  ClientMetric metric;
  metric.label = {{label, name}};
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

void addUsage(Page& page) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    page.counter("process_cpu_seconds_total", "User and system time spent, in seconds.",
                 secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime));
  }
  const auto pages = wordsOf(contentOf("/proc/self/statm"));
  const auto pageSize = static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (const auto size = numberAt(pages, 0)) {
    page.gauge("process_virtual_memory_bytes", "Virtual memory size.",
               static_cast<double>(*size) * pageSize);
  }
  if (const auto resident = numberAt(pages, 1)) {
    page.gauge("process_resident_memory_bytes", "Resident memory size.",
               static_cast<double>(*resident) * pageSize);
  }
  if (const auto threads = numberAt(statFields(), kThreads)) {
    page.gauge("process_threads", "Number of threads.", static_cast<double>(*threads));
  }
}

void addDescriptors(Page& page) {
  if (const auto open = openDescriptors()) {
    page.gauge("process_open_fds", "Number of open file descriptors.", *open);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    page.gauge("process_max_fds", "Largest number of open file descriptors.",
               static_cast<double>(limit.rlim_cur));
  }
}

void addDisks(Page& page, const std::vector<std::pair<std::string, std::string>>& folders) {
  MetricFamily free;
  MetricFamily size;
  for (const auto& [label, path] : folders) {
    struct statvfs disk {};
    if (::statvfs(path.c_str(), &disk) != 0) continue;
    const auto block = static_cast<double>(disk.f_frsize);
    addLabelled(free, "folder", label, static_cast<double>(disk.f_bavail) * block);
    addLabelled(size, "folder", label, static_cast<double>(disk.f_blocks) * block);
  }
  if (free.metric.empty()) return;
  page.family("coffer_disk_free_bytes", MetricType::Gauge,
              "Space the appliance can still use on the file system of a folder.")
      .metric = std::move(free.metric);
  page.family("coffer_disk_size_bytes", MetricType::Gauge, "Size of the file system of a folder.")
      .metric = std::move(size.metric);
}

}  // namespace

ProcessMetrics::ProcessMetrics(ProcessMetricsOptions options)
    : options_(std::move(options)), startTime_(readStartTime()) {}

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  Page page;
  if (startTime_ > 0) {
    page.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.",
               startTime_);
  }
  addUsage(page);
  addDescriptors(page);
  addLabelled(page.family("coffer_build_info", MetricType::Gauge,
                          "Always 1; the label says which version runs."),
              "version", options_.version, 1);
  addDisks(page, options_.folders);
  if (options_.certificates) {
    MetricFamily expiry;
    for (const auto& [listener, notAfter] : options_.certificates()) {
      addLabelled(expiry, "listener", listener,
                  static_cast<double>(notAfter) / static_cast<double>(kSecond));
    }
    if (!expiry.metric.empty()) {
      page.family("coffer_tls_certificate_expiry_timestamp_seconds", MetricType::Gauge,
                  "End of the validity of a listener's certificate, in seconds since 1970.")
          .metric = std::move(expiry.metric);
    }
  }
  return std::move(page.families);
}

}  // namespace coffer::health
