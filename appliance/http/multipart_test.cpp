// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/multipart.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coffer;

namespace {

// "name" or "name(file)" and the content of every part that has ended.
using Parts = std::vector<std::pair<std::string, std::string>>;

class Collector final : public http::PartVisitor {
 public:
  void beginPart(const http::PartHead& head) override {
    parts.emplace_back(head.fileName ? head.name + "(" + *head.fileName + ")" : head.name, "");
  }
  void partData(std::string_view bytes) override {
    CHECK_FALSE(bytes.empty());
    parts.back().second += bytes;
  }
  void endPart() override { ++ended; }

  Parts parts;
  std::size_t ended = 0;
};

Parts parse(const std::string& body, std::size_t step, const std::string& boundary = "b") {
  Collector collector;
  http::MultipartParser parser(boundary, collector);
  for (std::size_t at = 0; at < body.size(); at += step)
    parser.feed(std::string_view(body).substr(at, step));
  parser.finish();
  CHECK(collector.ended == collector.parts.size());
  return collector.parts;
}

std::string part(const std::string& parameters, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + content + "\r\n";
}

const std::string kEnd = "--b--\r\n";

}  // namespace

TEST_CASE("parts come out whole however the body is split") {
  using namespace std::string_literals;
  const std::string name = R"(filename="2.a/b=|c==|d%22 \"é")";
  const std::vector<std::pair<std::string, Parts>> good{
      {kEnd, {}},
      {"--b--", {}},
      {part("name=\"data\"", "") + kEnd, {{"data", ""}}},
      {part("name=\"data\"", "hello") + kEnd, {{"data", "hello"}}},
      {part("name=data", "hello") + kEnd, {{"data", "hello"}}},
      {part("name=key", "k") + part("name=\"data\"; " + name, "\r\n\r\n") + kEnd,
       {{"key", "k"}, {R"(data(2.a/b=|c==|d%22 \"é))", "\r\n\r\n"}}},
      // What looks like a boundary for a while.
      {part("name=x", "\r\n--\r\n-b\r\r\n--a\n--b\r\n--\r\n") + kEnd,
       {{"x", "\r\n--\r\n-b\r\r\n--a\n--b\r\n--\r\n"}}},
      {part("name=x", "\r\r\r\n") + kEnd, {{"x", "\r\r\r\n"}}},
      {part("name=x", "\0\xff\0"s) + kEnd, {{"x", "\0\xff\0"s}}},
      // Parts without content whose head ends with the line end of the next boundary, as the
      // command line client of 2023 sends one before the file.
      {"--b\r\nContent-Disposition: form-data; name=x; filename=cut\r\n\r\n" +
           part("name=x; filename=whole", "--") + kEnd,
       {{"x(cut)", ""}, {"x(whole)", "--"}}},
      {"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n--b--", {{"x", ""}}},
      {part("name=x", "-\r\n") + part("name=y", "--c") + kEnd, {{"x", "-\r\n"}, {"y", "--c"}}},
      // A preamble, an epilogue, blanks behind a boundary.
      {"before\r\n" + part("name=x", "1") + kEnd + "after --b", {{"x", "1"}}},
      {"--b \t\r\ncontent-disposition:FORM-DATA;NAME=x;\r\n\r\n1\r\n" + kEnd, {{"x", "1"}}},
      // Other header lines.
      {"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
       "Content-Disposition: form-data; name=\"a;b\"; filename*=utf-8''no; filename=\"\"\r\n\r\n"
       "1\r\n" +
           kEnd,
       {{"a;b()", "1"}}},
  };
  for (const auto& row : good) {
    for (std::size_t step = 1; step <= row.first.size(); ++step) {
      CAPTURE(row.first);
      CAPTURE(step);
      CHECK(parse(row.first, step) == row.second);
    }
  }
}

TEST_CASE("what is no form is refused, not guessed at") {
  using namespace std::string_literals;
  std::string many;
  for (unsigned i = 0; i <= http::kMaxParts; ++i) many += part("name=x", "");
  const std::vector<std::string> bad{
      "",
      "--b",
      "--b-",
      "--b\r\n",
      "-- b--",
      "--b\n--b--",
      "--bc--",
      "--b-\r\n",
      "--b -- ",
      part("name=x", "1"),
      part("name=x", "1") + "--b",
      part("name=x", "1") + "--bb--",
      "x" + part("name=x", "1") + "--b-",
      "--b\r\n\r\nno head\r\n" + kEnd,
      "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n" + kEnd,
      "--b\r\nContent-Disposition: attachment; name=x\r\n\r\n1\r\n" + kEnd,
      "--b\r\nContent-Disposition: form-data; filename=x\r\n\r\n1\r\n" + kEnd,
      "--b\r\nContent-Disposition: form-data; name=x\n\r\n\r\n1\r\n" + kEnd,
      "--b\r\nContent-Disposition form-data; name=x\r\n\r\n1\r\n" + kEnd,
      "--b\r\nContent-Disposition: form-data; name=x\0\r\n\r\n1\r\n"s + kEnd,
      "--b\r\nContent-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "1\r\n" +
          kEnd,
      part("name=\"x", "1") + kEnd,
      part("name=\"x\" y", "1") + kEnd,
      part("name=x; name=y", "1") + kEnd,
      part("name=x; filename=a; filename=b", "1") + kEnd,
      part("name", "1") + kEnd,
      part("=x", "1") + kEnd,
      part("name=" + std::string(http::kMaxPartHead, 'x'), "1") + kEnd,
      "--b" + std::string(65, ' ') + "\r\n" + kEnd,
      many + kEnd,
  };
  for (const auto& body : bad) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, body.size() + 1}) {
      CAPTURE(body);
      CAPTURE(step);
      CHECK_THROWS_AS(parse(body, step), BadRequest);
    }
  }
}

TEST_CASE("a boundary is taken from the content type, quoted or not") {
  using http::multipartBoundary;
  const std::string longest(http::kMaxMultipartBoundary, 'x');
  CHECK(multipartBoundary("multipart/form-data; boundary=abc") == "abc");
  CHECK(multipartBoundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b'()+_,-./:=?\"") ==
        "a b'()+_,-./:=?");
  CHECK(multipartBoundary("multipart/form-data; boundary=" + longest) == longest);
  for (const std::string type :
       {"", "multipart/form-data", "multipart/mixed; boundary=abc", "multipart/form-data; boundary",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"abc",
        "multipart/form-data; boundary=\"abc \"", "multipart/form-data; boundary=a\tb",
        "multipart/form-data; boundary=a*b", "application/json; boundary=abc"}) {
    CAPTURE(type);
    CHECK_FALSE(multipartBoundary(type));
  }
  CHECK_FALSE(multipartBoundary("multipart/form-data; boundary=x" + longest));
}

TEST_CASE("the longest boundary of real clients is found at any split") {
  const std::string boundary = "--------------------------0123456789abcdef01234567";
  const std::string content(300, '-');
  const std::string body = "--" + boundary +
                           "\r\nContent-Disposition: form-data; name=\"data\"; filename=\"f\"\r\n"
                           "Content-Type: application/octet-stream\r\n\r\n" +
                           content + "\r\n--" + boundary + "--\r\n";
  for (std::size_t step = 1; step < body.size(); ++step)
    CHECK(parse(body, step, boundary) == Parts{{"data(f)", content}});
}
