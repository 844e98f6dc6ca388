// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/casing.h"

#include "appliance/base/bytes.h"

#include <utility>
#include <variant>

namespace coffer::vault {
namespace {

bool staysExact(std::string_view name) {
  return name == "scope" || name == "error" || name.find_first_of("_-") != std::string_view::npos;
}

bool keepsNamesBelow(std::string_view name) {
  return equalsIgnoringCase(name, "accountKeys") || equalsIgnoringCase(name, "featureStates") ||
         equalsIgnoringCase(name, "TwoFactorProviders2");
}

class PascalSource final : public http::BodySource {
 public:
  explicit PascalSource(std::unique_ptr<http::BodySource> inner) : inner_(std::move(inner)) {}

  bool read(std::string& out) override {
    if (ended_) return false;
    piece_.clear();
    if (inner_->read(piece_)) {
      caser_.feed(piece_, out);
      return true;
    }
    ended_ = true;
    const auto before = out.size();
    caser_.finish(out);
    return out.size() > before;
  }

 private:
  std::unique_ptr<http::BodySource> inner_;
  PascalCaser caser_;
  std::string piece_;
  bool ended_ = false;
};

bool isJson(const http::Response& response) {
  for (const auto& [name, value] : response.headers())
    if (equalsIgnoringCase(name, "Content-Type")) return value.starts_with("application/json");
  return false;
}

}  // namespace

Dialect dialectOf(const http::Request& request) {
  const auto& options = request.mount().options;
  const auto casing = options.find("casing");
  return casing != options.end() && casing->second == "pascal" ? Dialect::Documented
                                                               : Dialect::Current;
}

http::Response removed(const http::Request& request) {
  return http::Response::empty(dialectOf(request) == Dialect::Documented ? 204 : 200);
}

void applyPascalCase(http::Response& response) {
  if (!isJson(response)) return;
  if (auto* text = std::get_if<std::string>(&response.body())) {
    *text = toPascalCase(*text);
  } else if (auto* source = std::get_if<std::unique_ptr<http::BodySource>>(&response.body())) {
    *source = std::make_unique<PascalSource>(std::move(*source));
  }
}

std::string toPascalCase(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  PascalCaser caser;
  caser.feed(json, out);
  caser.finish(out);
  return out;
}

void PascalCaser::feed(std::string_view piece, std::string& out) {
  for (std::size_t i = 0; i < piece.size();) {
    if (place_ == Place::Text) {
      i = takeText(piece, i, out);
    } else if (place_ == Place::Name) {
      takeName(piece[i++], out);
    } else {
      takeStructure(piece[i++], out);
    }
  }
}

void PascalCaser::finish(std::string& out) {
  out += std::exchange(name_, {});
  place_ = Place::Structure;
}

// Copies a string up to and with its closing quote, or what there is of it.
std::size_t PascalCaser::takeText(std::string_view piece, std::size_t from, std::string& out) {
  std::size_t i = from;
  while (i < piece.size()) {
    if (std::exchange(escaped_, false)) {
      ++i;
      continue;
    }
    i = piece.find_first_of("\"\\", i);
    if (i == std::string_view::npos) {
      i = piece.size();
    } else if (piece[i++] == '\\') {
      escaped_ = true;
    } else {
      place_ = Place::Structure;
      break;
    }
  }
  out.append(piece.substr(from, i - from));
  return i;
}

// Nothing of a name is written before all of it is known. What cannot be one of ours, being long or
// escaped, goes on as text.
void PascalCaser::takeName(char c, std::string& out) {
  if (c == '"') return endName(out);
  if (c == '\\' || name_.size() == kMaxName) {
    out += std::exchange(name_, {});
    out.push_back(c);
    escaped_ = c == '\\';
    place_ = Place::Text;
    return;
  }
  name_.push_back(c);
}

void PascalCaser::endName(std::string& out) {
  const bool exact = exactDepth_ != 0 || staysExact(name_);
  exactNext_ = exactDepth_ == 0 && keepsNamesBelow(name_);
  if (!exact && name_ == "ssn") {
    name_ = "SSN";
  } else if (!exact && !name_.empty() && name_[0] >= 'a' && name_[0] <= 'z') {
    name_[0] = static_cast<char>(name_[0] - 'a' + 'A');
  }
  out += name_;
  out.push_back('"');
  name_.clear();
  place_ = Place::Structure;
}

void PascalCaser::takeStructure(char c, std::string& out) {
  out.push_back(c);
  switch (c) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '}':
    case ']':
      return close();
    case ',':
      nameExpected_ = depth_ > 0 && depth_ <= kMaxDepth && isObject_[depth_ - 1];
      break;
    case '"':
      place_ = std::exchange(nameExpected_, false) ? Place::Name : Place::Text;
      break;
    default:
      break;
  }
}

void PascalCaser::open(bool isObject) {
  ++depth_;
  if (depth_ <= kMaxDepth) isObject_[depth_ - 1] = isObject;
  if (exactNext_) exactDepth_ = depth_;
  exactNext_ = false;
  nameExpected_ = isObject && depth_ <= kMaxDepth;
}

void PascalCaser::close() {
  if (depth_ == exactDepth_) exactDepth_ = 0;
  if (depth_ > 0) --depth_;
  nameExpected_ = false;
  exactNext_ = false;
}

}  // namespace coffer::vault
