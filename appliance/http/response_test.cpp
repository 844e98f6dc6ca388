// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/response.h"

#include "appliance/http/service.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace coffer;
using namespace coffer::http;

TEST_CASE("a field that would break the head is a fault in the program") {
  using namespace std::string_literals;
  Response response;
  CHECK_NOTHROW(response.header("Location", "/a?b=c"));
  CHECK_NOTHROW(response.header("Content-Disposition", "attachment; filename=\"\xc3\xa9\""));
  for (const std::string& value : {"a\r\nSet-Cookie: b"s, "a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s}) {
    CAPTURE(value);
    CHECK_THROWS_AS(response.header("X", value), std::logic_error);
  }
  for (const std::string name : {"", "a b", "a:", "a\r\n", "\xc3\xa9"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(response.header(name, "v"), std::logic_error);
  }
}

TEST_CASE("the fields that frame the message belong to the core") {
  Response response;
  for (const std::string name : {"Content-Length", "transfer-encoding", "Connection"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(response.header(name, "1"), std::logic_error);
  }
}

TEST_CASE("every kind of fault has a status with a name") {
  for (const auto kind :
       {FaultKind::BadRequest, FaultKind::Unauthorized, FaultKind::Forbidden, FaultKind::NotFound,
        FaultKind::MethodNotAllowed, FaultKind::Conflict, FaultKind::LengthRequired,
        FaultKind::PayloadTooLarge, FaultKind::RangeNotSatisfiable, FaultKind::TooManyRequests,
        FaultKind::Internal, FaultKind::Unavailable, FaultKind::InsufficientStorage}) {
    CHECK(statusOf(kind) >= 400);
    CHECK_FALSE(reasonPhrase(statusOf(kind)).empty());
  }
  CHECK(statusOf(FaultKind::InsufficientStorage) == 507);
  CHECK(reasonPhrase(599).empty());
}
