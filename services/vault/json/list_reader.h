// SPDX-License-Identifier: BSD-2-Clause
//
// Reads a request one list of which is far larger than all the rest, an import's items: the
// elements are handed out one by one and forgotten, so that memory holds a tree of one of them and
// never of all. Bounds, spelling of names and faults are those of request_reader.h.
#pragma once

#include "services/vault/json/request_reader.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string_view>

namespace coffer::vault::json {

// Hands every object of the list that the request has under `name` to `visit`, in order; its path
// is "Ciphers[3]". Returns the request, an object, with that list empty; what stands there and is
// no list stays. Throws ModelError for an element that is no object and for a request with two such
// lists; what `visit` throws passes through. Elements are seen before the end of the text is: a
// fault behind them comes after they were visited.
nlohmann::json readList(std::string_view text, std::string_view name,
                        const std::function<void(const Object&)>& visit);

}  // namespace coffer::vault::json
