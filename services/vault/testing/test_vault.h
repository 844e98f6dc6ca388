// SPDX-License-Identifier: BSD-2-Clause
//
// A whole vault for tests: the real service over a real database in a fresh folder, a clock that
// stands still, no sockets. Requests pass through match, guard, body limit, handler, error body and
// decoration in the order the HTTP core has them.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/request.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/testing/fake_outbound.h"
#include "services/vault/vault_options.h"
#include "services/vault/vault_service.h"
#include "storage/database/database.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::vault::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 0;
  std::string body;
  Headers headers;

  std::string header(std::string_view name) const;  // "" when absent.
  nlohmann::json json() const;                      // Fails the test when the body is none.
};

// One part of a form: {"key", sealedText(3)}, {"data", bytes, "2.…"}.
struct TestPart {
  std::string name;
  std::string content;
  std::optional<std::string> fileName = std::nullopt;
};

class TestVault;

// A client that has registered and logged in. Sends its token with every call.
class TestClient {
 public:
  Reply get(const std::string& target) const;
  Reply post(const std::string& target,
             const nlohmann::json& body = nlohmann::json::object()) const;
  Reply put(const std::string& target, const nlohmann::json& body = nlohmann::json::object()) const;
  Reply remove(const std::string& target) const;
  Reply remove(const std::string& target, const nlohmann::json& body) const;
  Reply call(http::Method method, const std::string& target, const std::string& body) const;
  Reply upload(const std::string& target, const std::vector<TestPart>& parts) const;

  // Milliseconds, as GET /api/accounts/revision-date answers.
  std::int64_t revisionDate() const;

  TestVault* vault = nullptr;
  std::string email;
  std::string passwordHash;  // What stands for the master password.
  std::string device;
  std::string userId;
  std::string accessToken;
  std::string refreshToken;
};

class TestVault {
 public:
  // Everybody may sign up and hashing is cheap, unless `change` says otherwise.
  explicit TestVault(const std::function<void(VaultOptions&)>& change = {});
  ~TestVault();

  VaultService& service() { return *service_; }
  storage::Database& database() { return *database_; }
  FakeClock& clock() { return clock_; }
  FakeOutbound& outbound() { return outbound_; }
  // What other devices were told since the last call.
  std::vector<Update> takeUpdates() { return std::exchange(updates_, {}); }
  const std::filesystem::path& folder() const { return folder_; }

  // The same data under another configuration, as after a restart.
  void restart(const std::function<void(VaultOptions&)>& change = {});

  // `target` below the mount. Mounted at "/" unless useMount() said otherwise.
  Reply call(http::Method method, const std::string& target, const std::string& body = {},
             const Headers& headers = {});
  Reply postJson(const std::string& target, const nlohmann::json& body,
                 const Headers& headers = {});
  Reply postForm(const std::string& target, const std::string& form, const Headers& headers = {});
  // A multipart form, as files come.
  Reply upload(const std::string& target, const std::vector<TestPart>& parts, Headers headers = {});
  void useMount(http::MountPoint mount);
  void useClientAddress(std::string address) { clientAddress_ = std::move(address); }

  // Registers, unless the address is taken, and logs in.
  TestClient signUp(const std::string& email);
  TestClient logIn(const std::string& email, const std::string& passwordHash,
                   const std::string& device);
  // The form of the password grant.
  static std::string passwordForm(const std::string& email, const std::string& passwordHash,
                                  const std::string& device);
  // The body of the old one-step registration.
  static nlohmann::json registrationBody(const std::string& email, const std::string& passwordHash);

 private:
  VaultOptions options() const;

  std::filesystem::path folder_;
  FakeClock clock_;
  FakeOutbound outbound_;
  std::vector<Update> updates_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<VaultService> service_;
  std::shared_ptr<const http::MountPoint> mount_ = std::make_shared<http::MountPoint>();
  std::string clientAddress_ = "192.0.2.7";
};

// Ciphertexts for forms; the server does not look inside. `n` makes them differ.
std::string sealedText(int n = 0);
std::string publicKeyText();

}  // namespace coffer::vault::testing
