#include "bench/milter/load.h"

#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bench/milter/fake_milter.h"
#include "bench/milter/fake_server.h"
#include "bench/milter/protocol.h"
#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

using std::string_literals::operator""s;

constexpr uint32_t kSilent = kNoReplyConnect | kNoReplyHelo | kNoReplyMail | kNoReplyRcpt |
                             kNoReplyData | kNoReplyHeader | kNoReplyEndOfHeader | kNoReplyBody;

// Answers are those of a filter that asks for |steps| and adds |field| at the end.
FakeMilter::Script Answers(uint32_t steps, std::string_view field) {
  std::string negotiation;
  AppendUint32(6, negotiation);
  AppendUint32(1, negotiation);
  AppendUint32(steps, negotiation);
  FakeMilter::Script script = {
      {kNegotiate, {{kNegotiate, negotiation}}},
      {kEndOfMessage, {{kInsertHeader, "\0\0\0\0"s.append(field)}, {kAccept, ""}}}};
  if (steps == kSilent) return script;
  for (const char command : "CHMRTLNB"s) script[command] = {{kContinue, ""}};
  return script;
}

LoadOptions Options(const std::vector<FakeMilter*>& milters) {
  LoadOptions options;
  for (FakeMilter* const milter : milters) {
    options.filters.milters.push_back(milter->address());
  }
  options.mails.push_back(
      *ReadMail("From: <a@example.com>\r\nTo: <b@example.net>\r\n\r\nText\r\n"));
  return options;
}

// Commands are the letters of |packets|, without macros.
std::string Commands(const std::vector<Packet>& packets) {
  std::string commands;
  for (const Packet& packet : packets) {
    if (packet.command != kMacros) commands += packet.command;
  }
  return commands;
}

TEST(Percentile, IsAValueThatIsThere) {
  std::vector<std::chrono::nanoseconds> times;
  for (int i = 1; i <= 200; ++i) times.emplace_back(i);
  EXPECT_EQ(Percentile(times, 50).count(), 100);
  EXPECT_EQ(Percentile(times, 99).count(), 198);
  EXPECT_EQ(Percentile(times, 100).count(), 200);
  EXPECT_EQ(Percentile({std::chrono::nanoseconds(7)}, 50).count(), 7);
}

TEST(Load, SpeaksAsPostfixDoes) {
  for (const uint32_t steps : {uint32_t{0}, kSilent}) {
    FakeMilter milter(Answers(steps, "X\0 1\0"s));
    const LoadOptions options = Options({&milter});
    Load load(&options);
    const absl::StatusOr<LoadResult> result = load.Deliver(2);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->whole.size(), 2u);
    EXPECT_LE(result->end_of_message.back(), result->whole.back());
    ASSERT_TRUE(load.Close().ok());
    const std::vector<std::vector<Packet>>& heard = milter.Finish();
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(Commands(heard[0]), "OCHMRTLLNBEAMRTLLNBEAQ");
    for (const Packet& packet : heard[0]) {
      if (packet.command == kBody) EXPECT_EQ(packet.data, "Text\r\n");
      if (packet.command == kEndOfMessage) EXPECT_EQ(packet.data, "");
      if (packet.command == kMail) EXPECT_EQ(packet.data, "<a@example.com>\0"s);
    }
  }
}

TEST(Load, SendsALongBodyInChunks) {
  const struct {
    size_t octets;
    const char* sizes;
  } kCases[] = {
      {0, ""}, {65534, "65534 "}, {65535, "65535 "}, {65536, "65535 1 "}, {131070, "65535 65535 "}};
  for (const auto& c : kCases) {
    FakeMilter milter(Answers(0, "X\0 1\0"s));
    LoadOptions options = Options({&milter});
    options.mails[0].body.assign(c.octets, 'x');
    Load load(&options);
    ASSERT_TRUE(load.Deliver(1).ok());
    ASSERT_TRUE(load.Close().ok());
    std::string body, sizes;
    for (const Packet& packet : milter.Finish()[0]) {
      if (packet.command != kBody) continue;
      sizes += std::to_string(packet.data.size()) + " ";
      body += packet.data;
    }
    EXPECT_EQ(sizes, c.sizes);
    EXPECT_EQ(body, options.mails[0].body);
  }
}

TEST(Load, ShowsTheSecondFilterWhatTheFirstAdded) {
  FakeMilter first(Answers(kSilent, "First\0a\0"s));
  FakeMilter second(Answers(0, "Second\0b\0"s));
  LoadOptions options = Options({&first, &second});
  options.expectations = {{"First", "a"}, {"Second", "b"}};
  Load load(&options);
  ASSERT_TRUE(load.Deliver(1).ok());
  ASSERT_TRUE(load.Close().ok());
  std::string fields;
  for (const Packet& packet : second.Finish()[0]) {
    if (packet.command == kHeader) fields += packet.data.c_str() + ","s;
  }
  EXPECT_EQ(fields, "First,From,To,");
  EXPECT_EQ(
      WriteMail(load.last()),
      "Second: b\r\nFirst: a\r\nFrom: <a@example.com>\r\nTo: <b@example.net>\r\n\r\nText\r\n");
}

TEST(Load, KeepsManySessionsAndEndsThemWhenAsked) {
  FakeMilter milter(Answers(0, "X\0 1\0"s));
  LoadOptions options = Options({&milter});
  options.connections = 8;
  options.messages_per_session = 5;
  options.expectations = {{"X", "1"}};
  Load load(&options);
  const absl::StatusOr<LoadResult> result = load.Deliver(100);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->whole.size(), 100u);
  ASSERT_TRUE(load.Close().ok());
  size_t messages = 0;
  for (const std::vector<Packet>& session : milter.Finish()) {
    for (const Packet& packet : session) messages += packet.command == kEndOfMessage;
  }
  EXPECT_EQ(messages, 100u);
  EXPECT_GE(milter.Finish().size(), 20u);
}

TEST(Load, FailsWhenAFilterDoesNotDoItsWork) {
  FakeMilter milter(Answers(kSilent, "DKIM-Signature\0 d=example.com\0"s));
  LoadOptions options = Options({&milter});
  options.expectations = {{"DKIM-Signature", "d=example.org"}};
  Load load(&options);
  const absl::Status status = load.Deliver(1).status();
  EXPECT_NE(status.message().find("d=example.com"), std::string::npos) << status;
}

TEST(Load, FailsWhenAFilterRefuses) {
  FakeMilter::Script script = Answers(kSilent, "X\0 1\0"s);
  script[kEndOfMessage] = {{'t', ""}};
  FakeMilter milter(script);
  const LoadOptions options = Options({&milter});
  Load load(&options);
  EXPECT_FALSE(load.Deliver(1).ok());
}

TEST(Load, FailsWhenAFilterGoesAway) {
  FakeServer server([](int fd) {
    char octets[64];
    recv(fd, octets, sizeof(octets), 0);
  });
  LoadOptions options = Options({});
  options.filters.milters.push_back(server.address());
  Load load(&options);
  EXPECT_FALSE(load.Deliver(1).ok());
}

TEST(Load, TakesTheFieldOfThePolicyService) {
  std::string asked;
  FakeServer policy([&asked](int fd) {
    char octets[4096];
    while (asked.find("\n\n") == std::string::npos) {
      const ssize_t n = recv(fd, octets, sizeof(octets), 0);
      if (n <= 0) return;
      asked.append(octets, static_cast<size_t>(n));
    }
    const std::string_view answer = "action=prepend Received-SPF: pass (a: b)\n\n";
    send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    recv(fd, octets, sizeof(octets), 0);
  });
  FakeMilter milter(Answers(0, "X\0 1\0"s));
  LoadOptions options = Options({&milter});
  options.filters.policy = policy.address();
  options.expectations = {{"Received-SPF", "pass (a: b)"}};
  Load load(&options);
  const absl::StatusOr<LoadResult> result = load.Deliver(1);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NE(asked.find("\nclient_address=192.0.2.25\n"), std::string::npos) << asked;
  EXPECT_NE(asked.find("\nsender=a@example.com\n"), std::string::npos) << asked;
  EXPECT_EQ(load.last().fields[1].name, "Received-SPF");
  ASSERT_TRUE(load.Close().ok());
  EXPECT_EQ(Commands(milter.Finish()[0]), "OCHMRTLLLNBEAQ") << "the filter is shown it";
}

TEST(Load, SaysWhatAnAddressIs) {
  for (const char* const address : {"", "inet:25", "inet:0@127.0.0.1", "inet:65536@127.0.0.1",
                                    "inet:25@localhost", "unix:/nowhere/at/all", "/nowhere"}) {
    LoadOptions options = Options({});
    options.filters.milters.push_back(address);
    Load load(&options);
    EXPECT_FALSE(load.Deliver(1).ok()) << address;
  }
}

}  // namespace
}  // namespace postseal::bench
