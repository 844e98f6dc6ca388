// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/outbound/poco_http_client.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/web_vault_folder.h"
#include "storage/blobs/durable_file.h"

#include <iostream>
#include <unistd.h>

namespace coffer::runtime {
namespace {

constexpr std::size_t kMaxArchive = 256 * MiB;  // Releases have some fifteen.
constexpr std::chrono::minutes kDownloadTime{15};

bool isUrl(const std::string& source) {
  return source.starts_with("https://") || source.starts_with("http://");
}

std::string download(const std::string& url) {
  std::cerr << "downloading " << url << "\n";
  outbound::HttpRequest request;
  request.url = url;
  request.maxBody = kMaxArchive;
  request.maxRedirects = 5;
  request.timeout = kDownloadTime;
  auto answer = outbound::PocoHttpClient("Coffer/" COFFER_VERSION).send(request);
  if (answer.status != 200) {
    throw UsageError(answer.url + " answers " + std::to_string(answer.status));
  }
  return std::move(answer.body);
}

std::string readArchive(const std::string& source) {
  if (isUrl(source)) return download(source);
  auto bytes = storage::readSmallFile(source, kMaxArchive);
  if (!bytes) throw UsageError("there is no file \"" + source + "\"", 3);
  return std::move(*bytes);
}

bool confirm(const std::string& question) {
  std::cerr << question << " Type yes: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

// The checksum decides; where none was given, the owner, for what came over the network.
void checkDigest(const WebVaultInstallOptions& options, const std::string& digest) {
  std::cout << digest << "  " << options.source << "\n" << std::flush;
  if (!options.sha256.empty()) {
    if (toLowerAscii(options.sha256) == digest) return;
    throw UsageError("the SHA-256 is not " + options.sha256 + ": nothing was installed");
  }
  if (!isUrl(options.source) || options.confirmed) return;
  if (!confirm("Is this the SHA-256 that its publisher names?")) {
    throw UsageError("nothing was installed; give --sha256, or --yes to believe the download");
  }
}

void print(const WebVaultInfo& info, const std::string& folder) {
  std::cout << "web vault " << (info.version.empty() ? "of unknown version" : info.version)
            << " in " << folder << ": " << info.files << " files, " << formatByteSize(info.bytes)
            << "\n";
}

}  // namespace

int webVaultInstall(const SettingsInput& input, const WebVaultInstallOptions& options) {
  const config::Settings settings = loadSettings(input);
  if (!options.sha256.empty() && fromHex(toLowerAscii(options.sha256)).value_or("").size() != 32) {
    throw UsageError("--sha256 takes 64 hexadecimal digits", 2);
  }
  const std::string archive = readArchive(options.source);
  checkDigest(options, toHex(sha256(archive)));
  const std::string folder = webVaultFolder(settings);
  becomeOwnerOf(folder);
  print(installWebVault(archive, folder), folder);
  if (!settings.webVault.enabled) {
    std::cerr << "web_vault.enabled is off: the server will not show it\n";
  } else {
    std::cerr
        << "A running server shows it at once, where the vault is mounted: open its address in "
           "a browser.\n";
  }
  return 0;
}

int webVaultStatus(const SettingsInput& input) {
  const std::string folder = webVaultFolder(loadSettings(input));
  if (const auto info = describeWebVault(folder)) {
    print(*info, folder);
  } else {
    std::cout << "no web vault in " << folder << ": a page of our own is shown\n";
  }
  return 0;
}

int webVaultRemove(const SettingsInput& input, bool confirmed) {
  const std::string folder = webVaultFolder(loadSettings(input));
  becomeOwnerOf(folder);
  if (!confirmed && !confirm("Remove the web vault in " + folder + "?")) {
    throw UsageError("nothing was removed");
  }
  if (!removeWebVault(folder)) throw UsageError("there is no web vault in " + folder, 3);
  std::cerr << "removed " << folder << "\n";
  return 0;
}

}  // namespace coffer::runtime
