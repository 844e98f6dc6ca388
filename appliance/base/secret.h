// SPDX-License-Identifier: BSD-2-Clause
//
// Text that must not be printed, logged or left in memory: passwords, tokens, keys.
#pragma once

#include <string>
#include <string_view>

namespace coffer {

// Overwrites the bytes in a way the compiler may not leave out.
void wipe(std::string& text);
void wipe(void* data, std::size_t size);

// True when both are equal. Takes the same time wherever they differ; the length is not hidden.
[[nodiscard]] bool equalsInConstantTime(std::string_view a, std::string_view b);

// Owns a secret and wipes it when destroyed. It has no stream operator and no implicit conversion:
// the only way to its text is reveal(), which is easy to search for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  ~Secret() { wipe(text_); }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { wipe(other.text_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(text_);
      text_ = std::move(other.text_);
      wipe(other.text_);
    }
    return *this;
  }

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret& other) const { return equalsInConstantTime(text_, other.text_); }

 private:
  std::string text_;
};

}  // namespace coffer
