// SPDX-License-Identifier: BSD-2-Clause
//
// A request as guards and handlers see it: the head has been validated (head_parser.h), the target
// split and decoded, the mount and the route found. Made by the HTTP core; in tests by
// RequestBuilder (request_builder.h).
//
// Threads: used by one thread at a time. Lifetime: until the response has been sent.
#pragma once

#include "appliance/http/method.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace coffer::http {

class Route;

struct HeaderField {
  std::string name;   // As sent.
  std::string value;  // Without surrounding blanks; visible ASCII, spaces and tabs.
};

// Where a service hangs on a listener, and what the owner said about it there.
struct MountPoint {
  std::string prefix;                          // "" for "/", else "/restic": no slash at the end.
  std::map<std::string, std::string> options;  // "casing" → "pascal", …
};

class Request {
 public:
  Method method() const { return method_; }
  // The request line's target exactly as sent, query included.
  const std::string& target() const { return target_; }
  // The path below the mount, still percent-encoded; begins with '/'.
  std::string_view path() const { return path_; }
  // The path below the mount, split at '/' and then decoded. "/" → {""}, "/a/" → {"a", ""}.
  // The core has refused: an encoded slash or backslash, NUL and other controls, "." and "..",
  // empty segments but the last, and what is not UTF-8.
  std::span<const std::string> segments() const { return segments_; }

  // First value of a query parameter, decoded ('+' is a space). Absent differs from empty.
  std::optional<std::string> query(std::string_view name) const;

  // First value of a header field, whatever its case; "" when absent.
  std::string_view header(std::string_view name) const;
  [[nodiscard]] bool hasHeader(std::string_view name) const;
  std::span<const HeaderField> headers() const { return headers_; }

  // What the route's pattern captured, decoded; "" when the pattern has no such name.
  std::string_view param(std::string_view name) const;

  // The whole body, for routes that are not uploads. At most the route's limit.
  const std::string& body() const { return body_; }

  // Length from Content-Length; nothing for a chunked body. 0 when there is no body.
  std::optional<std::uint64_t> contentLength() const { return contentLength_; }
  // True when the client waits for "100 Continue" before it sends its body.
  bool expectsContinue() const { return expectsContinue_; }

  // Numeric address of the client: the peer, or what a trusted proxy's headers say. "unix" for a
  // peer on a Unix socket that no trusted proxy speaks for.
  const std::string& clientAddress() const { return clientAddress_; }
  // True when the peer itself is one of the configured trusted proxies.
  bool cameThroughTrustedProxy() const { return trustedProxy_; }
  // "https" when the client's own connection is encrypted, here or at a trusted proxy.
  bool isSecure() const { return secure_; }
  // "https://host:port" as the client wrote it (Host, or a trusted proxy's X-Forwarded-Host).
  const std::string& origin() const { return origin_; }
  // Common name of the verified client certificate; "" without one.
  const std::string& certificateName() const { return certificateName_; }

  const MountPoint& mount() const { return *mount_; }
  const Route* route() const { return route_; }  // Null while nothing matched.
  const std::string& id() const { return id_; }  // 16 hexadecimal digits, also in the response.

  // Who is calling, as the guard found out. The name goes to the access log.
  void setUser(std::string name) { user_ = std::move(name); }
  const std::string& user() const { return user_; }

  // One value per type that a guard leaves for the handler: the vault's session, a restic grant.
  template <typename T>
  void attach(std::shared_ptr<const T> value) {
    attachments_[typeid(T)] = std::move(value);
  }
  // Throws std::logic_error when the guard attached none: a fault in the program.
  template <typename T>
  const T& attached() const {
    return *static_cast<const T*>(attachment(typeid(T)));
  }
  template <typename T>
  [[nodiscard]] bool hasAttached() const {
    return attachments_.contains(typeid(T));
  }

 private:
  friend class RequestBuilder;
  const void* attachment(std::type_index type) const;

  Method method_ = Method::Get;
  std::string target_;
  std::string path_;
  std::string queryText_;
  std::vector<std::string> segments_;
  std::vector<HeaderField> headers_;
  std::vector<std::pair<std::string, std::string>> params_;
  std::string body_;
  std::optional<std::uint64_t> contentLength_ = 0;
  bool expectsContinue_ = false;
  bool trustedProxy_ = false;
  bool secure_ = false;
  std::string clientAddress_;
  std::string origin_;
  std::string certificateName_;
  std::shared_ptr<const MountPoint> mount_;
  const Route* route_ = nullptr;
  std::string id_;
  std::string user_;
  std::map<std::type_index, std::shared_ptr<const void>> attachments_;
};

}  // namespace coffer::http
