// SPDX-License-Identifier: BSD-2-Clause
//
// A public key in libfido2's form, of one of the algorithms in kKeyAlgorithms.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace coffer::vault {

class FidoKey {
 public:
  // `bytes` as NewKey::publicKey. Nothing when they are no such key.
  static std::optional<FidoKey> make(int algorithm, std::string_view bytes);

  int algorithm() const { return algorithm_; }
  const void* get() const { return key_.get(); }

 private:
  FidoKey(int algorithm, std::shared_ptr<void> key) : algorithm_(algorithm), key_(std::move(key)) {}

  int algorithm_;
  std::shared_ptr<void> key_;  // With the deleter of its kind.
};

}  // namespace coffer::vault
