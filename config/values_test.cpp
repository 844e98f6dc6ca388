// SPDX-License-Identifier: BSD-2-Clause
#include "config/values.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::config;

namespace {

template <typename T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  if (!Codec<T>::parse(text, value)) return std::nullopt;
  return value;
}

std::string problemOf(const Problems& problems) {
  return problems.all().empty() ? "" : problems.all().front().text;
}

}  // namespace

TEST_CASE("sizes are exact in both directions") {
  CHECK(parsed<ByteSize>("10 GiB")->bytes == 10737418240ULL);
  CHECK(parsed<ByteSize>("0")->bytes == 0);
  CHECK(parsed<ByteSize>("1500")->bytes == 1500);
  CHECK_FALSE(parsed<ByteSize>("10 apples"));
  CHECK_FALSE(parsed<ByteSize>("-1"));
  CHECK_FALSE(parsed<ByteSize>(""));
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1024ULL, 1025ULL, 3ULL << 20, 10ULL << 30,
                                    5ULL << 40, (5ULL << 40) + 1}) {
    CHECK(parsed<ByteSize>(Codec<ByteSize>::format({bytes}))->bytes == bytes);
  }
  CHECK(Codec<ByteSize>::format({32 * 1024}) == "32 KiB");
}

TEST_CASE("durations need a unit") {
  CHECK(parsed<seconds>("30s")->count() == 30);
  CHECK(parsed<seconds>("10 m")->count() == 600);
  CHECK(parsed<seconds>("2h")->count() == 7200);
  CHECK(parsed<seconds>("30d")->count() == 30 * 86400);
  CHECK(parsed<seconds>("0")->count() == 0);
  for (const char* text : {"", "30", "s", "-1s", "1.5h", "30 sec", "99999999999999999999s",
                           "18446744073709551615d", "1h30m"}) {
    CAPTURE(text);
    CHECK_FALSE(parsed<seconds>(text));
  }
  for (const int count : {0, 1, 59, 60, 61, 3600, 86400, 90000}) {
    CHECK(parsed<seconds>(Codec<seconds>::format(seconds(count))) == seconds(count));
  }
}

TEST_CASE("numbers, switches and words are read strictly") {
  CHECK(parsed<unsigned>("42") == 42U);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "4294967296", "0x10", "1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(parsed<unsigned>(text));
  }
  CHECK(parsed<bool>("yes") == true);
  CHECK(parsed<bool>("OFF") == false);
  CHECK_FALSE(parsed<bool>("2"));
  CHECK_FALSE(parsed<bool>(""));
  CHECK(parsed<VaultSignups>("invited") == VaultSignups::Invited);
  CHECK_FALSE(parsed<VaultSignups>("Invited"));
  CHECK_FALSE(parsed<std::string>("a\nb"));
  CHECK_FALSE(parsed<Secret>("a\nb"));
}

TEST_CASE("a list in one line is split at commas, a map also at equal signs") {
  const Node list = splitList(Node::scalar(" a, b,c ,"));
  REQUIRE(list.items.size() == 3);
  CHECK(list.items[1].text == "b");
  CHECK(splitList(Node::scalar("")).items.empty());

  const auto map = splitMap(Node::scalar("alice = 10 GiB, a=b=5"));
  REQUIRE(map);
  CHECK(map->keys == std::vector<std::string>{"alice", "a=b"});
  CHECK(map->items[0].text == "10 GiB");
  CHECK_FALSE(splitMap(Node::scalar("alice")));
  CHECK_FALSE(splitMap(Node::scalar("=5")));
}

TEST_CASE("a rule is read from text and from a map") {
  Problems problems;
  const Reader reader(problems, "test", "restic.rules[0]");
  ResticRule rule;
  REQUIRE(read(Node::scalar("a@example.org@team/**=append"), rule, reader));
  CHECK(rule.user == "a@example.org");
  CHECK(rule.repository == "team/**");
  CHECK(rule.access == ResticAccess::Append);
  REQUIRE(read(Node::scalar("*@=read"), rule, reader));
  CHECK(rule.repository.empty());
  ResticRule again;
  REQUIRE(read(write(rule), again, reader));
  CHECK(again.user == "*");
  CHECK(problems.all().empty());

  for (const char* text :
       {"a@/=read", "a@*=read", "a@**=read", "a@x/**=read", "a@{user}/*=read", "a@x*y/z=read"}) {
    CAPTURE(text);
    CHECK(read(Node::scalar(text), again, reader));
  }
  for (const char* text :
       {"", "alice", "alice@x", "@x=read", "alice@x=write", "alice@/x=read", "alice@x/=read",
        "alice@a//b=read", "alice@**/a=read", "alice@a**=read", "alice@../a=read"}) {
    CAPTURE(text);
    CHECK_FALSE(read(Node::scalar(text), rule, reader));
  }
  CHECK(rule.user == "*");  // A refusal leaves the value alone.
}

TEST_CASE("a value that is refused is named in the problem, a secret is not") {
  Problems problems;
  seconds duration{5};
  CHECK_FALSE(read(Node::scalar("soon"), duration, Reader(problems, "test", "x")));
  CHECK(problemOf(problems).find("\"soon\"") != std::string::npos);
  CHECK(duration == seconds(5));

  Problems others;
  Secret secret;
  CHECK_FALSE(read(Node::scalar("hunter2\n"), secret, Reader(others, "test", "x")));
  CHECK(problemOf(others).find("hunter2") == std::string::npos);
}

TEST_CASE("a suggestion is made for what is nearly right only") {
  const std::vector<std::string> names = {"append_only", "auth", "path"};
  CHECK(suggestion("append-only", names) == " (did you mean \"append_only\"?)");
  CHECK(suggestion("appendOnyl", names) == " (did you mean \"append_only\"?)");
  CHECK(suggestion("pth", names) == " (did you mean \"path\"?)");
  CHECK(suggestion("colour", names).empty());
  CHECK(suggestion(std::string(10'000, 'a'), names).empty());
}
