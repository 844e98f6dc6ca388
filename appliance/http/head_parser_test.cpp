// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/head_parser.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace coffer::http;

namespace {

const HeadLimits kLimits{.targetBytes = 100, .fields = 10};

std::variant<Head, HeadError> parse(const std::string& text) { return parseHead(text, kLimits); }

Head accepted(const std::string& text) {
  auto parsed = parse(text);
  REQUIRE(std::holds_alternative<Head>(parsed));
  return std::get<Head>(std::move(parsed));
}

int refused(const std::string& text) {
  const auto parsed = parse(text);
  const auto* error = std::get_if<HeadError>(&parsed);
  return error ? error->status : 0;
}

// A 1.1 request with a Host and these further fields.
std::string with(const std::string& fields) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

}  // namespace

TEST_CASE("a well-formed head is taken apart") {
  const Head head = accepted(
      "PUT /a/b?c=d HTTP/1.1\r\nHost: example.test:8443\r\nX-Empty:\r\nX-Tabs:\t a \t b\t \r\n"
      "Content-Length: 42\r\nConnection: foo, Keep-Alive\r\n\r\n");
  CHECK(head.method == Method::Put);
  CHECK(head.target == "/a/b?c=d");
  CHECK(head.http11);
  CHECK(head.keepAlive);
  CHECK(head.host == "example.test:8443");
  CHECK(head.contentLength == std::uint64_t{42});
  CHECK_FALSE(head.expectsContinue);
  REQUIRE(head.fields.size() == 5);
  CHECK(head.fields[1].name == "X-Empty");
  CHECK(head.fields[1].value.empty());
  CHECK(head.fields[2].value == "a \t b");
}

TEST_CASE("the heads of real clients are accepted") {
  const std::vector<std::string> good{
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",  // One empty line first: RFC 9112 section 2.2.
      "GET / HTTP/1.0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: L3RtcC9yZXN0LnNvY2s\r\n\r\n",  // restic on a Unix socket …
      "GET / HTTP/1.1\r\nHost: L3RtcC9+yZXN0Lg/NvY2s=\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
      "GET http://h/x?y HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET HTTPS://EXAMPLE.test HTTP/1.1\r\nHost: example.TEST\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",  // Decoding comes later, with its own error.
      "GET /a\"<>^`{|}\\ HTTP/1.1\r\nHost: h\r\n\r\n",
      with("Expect: 100-Continue\r\nContent-Length: 1\r\n"),
      with("Transfer-Encoding: Chunked\r\n"),
      with("Cookie: a=b\r\nCookie: c=d\r\n"),
      with("Content-Length: 18446744073709551615\r\n"),
  };
  for (const auto& text : good) {
    CAPTURE(text);
    CHECK(refused(text) == 0);
  }
}

TEST_CASE("whatever two readers could read differently is refused") {
  struct Bad {
    int status;
    std::string text;
  };
  using namespace std::string_literals;
  const std::vector<Bad> bad{
      // Request line.
      {400, ""},
      {400, "\r\n"},
      {400, "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /x\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /  HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1 junk\r\nHost: h\r\n\r\n"},
      {400, "GET / FOO\r\nHost: h\r\n\r\n"},
      {400, "GET / http/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/11\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.10\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/a.b\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/1.2\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/0.9\r\nHost: h\r\n\r\n"},
      {501, "get / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {501, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {501, "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {501, "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "G(T / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, std::string(33, 'A').append(" / HTTP/1.1\r\nHost: h\r\n\r\n")},
      {414, "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"},
      // Target.
      {400, "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a\x7f HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"s},
      {400, "GET x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http:/// HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://other/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      // Line ends.
      {400, "GET / HTTP/1.1\nHost: h\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nx\n\r\n"},
      {400, "GET / HTTP/1.1\rHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET"},
      // Fields.
      {400, with("no colon\r\n")},
      {400, with("nocolon\r\n")},
      {400, with(": empty name\r\n")},
      {400, with("Content-Length : 5\r\n")},
      {400, with("A: b\r\n folded\r\n")},
      {400, with("A: b\r\n\tfolded\r\n")},
      {400, with("A\x01: b\r\n")},
      {400, with("A: b\x01\r\n")},
      {400, with("A: \x7f\r\n")},
      {400, with("A: b\0c\r\n"s)},
      {400, with("A: \xff\r\n")},
      {400, with("A\xff: b\r\n")},
      {400, with("A: \xff\r\n\r\nGET /smuggled HTTP/1.1\r\n")},
      {431, with("A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\nA:10\r\n")},
      // Host.
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, with("Host: h\r\n")},
      {400, with("host: other\r\n")},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n"},
      // Lengths.
      {400, with("Content-Length:\r\n")},
      {400, with("Content-Length: -5\r\n")},
      {400, with("Content-Length: +5\r\n")},
      {400, with("Content-Length: 0,5\r\n")},
      {400, with("Content-Length: 5, 5\r\n")},
      {400, with("Content-Length: 0x5\r\n")},
      {400, with("Content-Length: 5 5\r\n")},
      {400, with("Content-Length: 18446744073709551616\r\n")},
      {400, with("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {400, with("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {400, with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {400, with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {400, with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {501, with("Transfer-Encoding: gzip, chunked\r\n")},
      {501, with("Transfer-Encoding: xchunked\r\n")},
      {501, with("Transfer-Encoding: identity\r\n")},
      {501, with("Transfer-Encoding:\r\n")},
      {501, with("Transfer-Encoding: chunked,\r\n")},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      // Others that must stand alone.
      {400, with("Authorization: a\r\nAuthorization: b\r\n")},
      {400, with("Content-Type: a/b\r\ncontent-type: a/b\r\n")},
      {417, with("Expect: 200-ok\r\n")},
      {417, with("Expect:\r\n")},
  };
  for (const auto& row : bad) {
    const auto& status = row.status;
    const auto& text = row.text;
    CAPTURE(text);
    CHECK(refused(text) == status);
  }
}

TEST_CASE("the connection is kept as version and Connection field say") {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    return accepted("GET / " + version + "\r\nHost: h\r\n" + fields + "\r\n").keepAlive;
  };
  CHECK(keeps("HTTP/1.1", ""));
  CHECK(keeps("HTTP/1.1", "Connection: keep-alive\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: foo, CLOSE\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  CHECK(keeps("HTTP/1.1", "Connection: closed\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0", ""));
  CHECK(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0", "Connection: close, keep-alive\r\n"));
}

TEST_CASE("a 1.0 client cannot ask for 100 Continue") {
  CHECK(accepted(with("Expect: 100-continue\r\n")).expectsContinue);
  CHECK_FALSE(accepted("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expectsContinue);
}

TEST_CASE("an absolute target brings the authority along") {
  CHECK(accepted("GET http://h:1/x HTTP/1.0\r\n\r\n").host == "h:1");
  CHECK(accepted("GET http://h:1/x HTTP/1.0\r\n\r\n").target == "http://h:1/x");
}

TEST_CASE("the end of a head is found however the bytes arrive") {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  for (const std::string& lead : {std::string(), std::string("\r\n")}) {
    const std::string input = lead + head + "next request";
    const std::size_t end = lead.size() + head.size();
    for (std::size_t cut = 0; cut <= input.size(); ++cut) {
      CAPTURE(cut);
      HeadScanner scanner;
      const auto first = scanner.scan(std::string_view(input).substr(0, cut));
      CHECK(first == (cut < end ? HeadScanner::Result::Incomplete : HeadScanner::Result::Complete));
      if (cut < end) CHECK(scanner.scan(input) == HeadScanner::Result::Complete);
      CHECK(scanner.end() == end);
    }
    HeadScanner trickle;
    for (std::size_t size = 1; size < end; ++size) {
      CHECK(trickle.scan(std::string_view(input).substr(0, size)) ==
            HeadScanner::Result::Incomplete);
    }
    CHECK(trickle.scan(input) == HeadScanner::Result::Complete);
  }
}

TEST_CASE("what can never become a head is not waited for, and is refused") {
  const std::vector<std::string> hopeless{
      "\n",
      "GET / HTTP/1.1\n",
      "GET /x\r\n",
      "\x16\x03\x01",
      "\r\n\r\n",
      " GET",
      "GET / HTTP/1.1\r\nHost: h\n",
  };
  for (const auto& text : hopeless) {
    CAPTURE(text);
    HeadScanner scanner;
    CHECK(scanner.scan(text) == HeadScanner::Result::Malformed);
    CHECK(refused(text.substr(0, scanner.end())) == 400);
  }
}

TEST_CASE("the request line is told from the fields, for the limits") {
  HeadScanner scanner;
  CHECK(scanner.scan("GET /aaaa") == HeadScanner::Result::Incomplete);
  CHECK(scanner.inRequestLine());
  CHECK(scanner.scan("GET /aaaa HTTP/1.1\r\nHo") == HeadScanner::Result::Incomplete);
  CHECK_FALSE(scanner.inRequestLine());
}
