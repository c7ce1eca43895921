// UnboundEventResolver against a real authoritative server, NSD, with UnboundResolver
// as the judge of what an answer says.
#include "dns/unbound_event_resolver.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/nsd_server.h"
#include "dns/unbound_resolver.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

constexpr int kManyLookups = 500;

std::string Zone() {
  std::string zone =
      "$ORIGIN example.net.\n$TTL 777\n"
      "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
      "@ TXT \"v=spf1 mx -all\"\n@ MX 10 mail\n@ MX 20 mail.backup.example.net.\n@ MX 30 .\n"
      "mail A 192.0.2.1\nmail AAAA 2001:db8::1\n"
      "several TXT \"v=DKIM1; k=rsa; \" \"p=\" \"AAAA\"\nmany TXT a\nmany TXT b\nmany TXT c\n"
      "alias 300 CNAME hop\nhop CNAME mail\nlost CNAME nowhere\nmailer CNAME @\n"
      "loop CNAME pool\npool CNAME loop\nown CNAME own\n"
      "odd\\032\\\\\\001\\255name TXT odd\n_x.y TXT underscore\n"
      "pointer PTR a.very.long.name.of.a.host.mail.example.net.\n";
  for (int i = 0; i < kManyLookups; ++i) {
    zone += "\nn" + std::to_string(i) + " TXT " + std::to_string(i);
  }
  return zone + "\n";
}

struct Copy {
  friend bool operator==(const Copy&, const Copy&) = default;

  Outcome outcome = Outcome::kTempError;
  bool secure = false;
  std::vector<std::string> rdata;
};

Copy CopyOf(const Answer& answer) {
  return {answer.outcome, answer.dnssec_secure,
          std::vector<std::string>(answer.rdata.begin(), answer.rdata.end())};
}

struct DeleteBase {
  void operator()(event_base* base) const { event_base_free(base); }
};

class UnboundEventResolverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file("testdata/zones/signed.zone", std::ios::binary);
    const std::string signed_zone{std::istreambuf_iterator<char>(file), {}};
    auto server = NsdServer::Start({{"example.net", Zone()},
                                    {"2.0.192.in-addr.arpa",
                                     "$ORIGIN 2.0.192.in-addr.arpa.\n"
                                     "@ 60 SOA ns.example.net. h.example.net. 1 2 3 4 5\n"
                                     "@ 60 NS ns.example.net.\n1 60 PTR mail.example.net.\n"},
                                    {"signed.example", signed_zone},
                                    {"broken.example", ""}});
    ASSERT_TRUE(server.ok()) << server.status();
    nsd_ = server->release();
  }
  static void TearDownTestSuite() {
    delete nsd_;
    nsd_ = nullptr;
  }

  void SetUp() override {
    ASSERT_NE(nsd_, nullptr);
    base_.reset(event_base_new());
    Open(nsd_->address(), std::chrono::seconds(60));
  }

  void Open(const std::string& server, std::chrono::milliseconds timeout) {
    resolver_.reset();
    UnboundOptions options;
    options.forward_servers = {server};
    options.lookup_timeout = timeout;
    auto resolver = UnboundEventResolver::Create(base_.get(), options);
    ASSERT_TRUE(resolver.ok()) << resolver.status();
    resolver_ = *std::move(resolver);
  }

  // RunUntilIdle runs the loop until nothing is outstanding.
  void RunUntilIdle() {
    const Deadline end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (resolver_->outstanding() > 0 && std::chrono::steady_clock::now() < end) {
      const timeval moment = {0, 20'000};
      event_base_loopexit(base_.get(), &moment);
      event_base_dispatch(base_.get());
      resolver_->ExpireOverdue();
    }
    EXPECT_EQ(resolver_->outstanding(), 0u);
  }

  Copy Ask(std::string_view name, Type type) {
    Copy copy;
    int answers = 0;
    resolver_->Start(Query(*Name::Parse(name), type), [&](const Answer& answer) {
      copy = CopyOf(answer);
      ++answers;
    });
    RunUntilIdle();
    EXPECT_EQ(answers, 1) << name;
    return copy;
  }

  static NsdServer* nsd_;
  std::unique_ptr<event_base, DeleteBase> base_;
  std::unique_ptr<UnboundEventResolver> resolver_;
};
NsdServer* UnboundEventResolverTest::nsd_ = nullptr;

TEST_F(UnboundEventResolverTest, AnswersAsTheOtherFaceDoes) {
  UnboundOptions options;
  options.forward_servers = {nsd_->address()};
  options.lookup_timeout = std::chrono::seconds(60);
  auto judge = UnboundResolver::Create(options);
  ASSERT_TRUE(judge.ok());
  const char* const kNames[] = {"example.net",         "_x.y.example.net",
                                "EXAMPLE.net",         "several.example.net",
                                "many.example.net",    "mail.example.net",
                                "alias.example.net",   "hop.example.net",
                                "lost.example.net",    "mailer.example.net",
                                "loop.example.net",    "own.example.net",
                                "nowhere.example.net", "y.example.net",
                                "broken.example",      "1.2.0.192.in-addr.arpa",
                                "pointer.example.net", "odd \\\x01\xffname.example.net",
                                "signed.example",      "nothing.signed.example"};
  for (const char* name : kNames) {
    if (!Name::Parse(name).has_value()) continue;
    for (const Type type :
         {Type::kTxt, Type::kA, Type::kAaaa, Type::kMx, Type::kPtr, Type::kCname, Type::kNs}) {
      const PendingQuery query(1, Query(*Name::Parse(name), type));
      Copy expected;
      (*judge)->Resolve(std::span(&query, 1), Deadline::max(),
                        [&](QueryId, const Answer& answer) { expected = CopyOf(answer); });
      EXPECT_EQ(Ask(name, type), expected) << name << " " << TypeName(type);
      // From the cache, too.
      EXPECT_EQ(Ask(name, type), expected) << name << " " << TypeName(type);
    }
  }
}

TEST_F(UnboundEventResolverTest, ManyAtOnceAndSomeCancelled) {
  std::vector<int> answers(kManyLookups);
  std::vector<AsyncResolver::LookupId> ids;
  for (int i = 0; i < kManyLookups; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example.net";
    ids.push_back(resolver_->Start(Query(*Name::Parse(name), Type::kTxt),
                                   [&answers, i](const Answer&) { ++answers[i]; }));
  }
  for (int i = 0; i < kManyLookups; i += 2) resolver_->Cancel(ids[i]);
  RunUntilIdle();
  for (int i = 0; i < kManyLookups; ++i) EXPECT_EQ(answers[i], i % 2) << i;
}

TEST_F(UnboundEventResolverTest, NobodyAnswers) {
  // A socket that takes datagrams and says nothing.
  const int silent = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  Open("127.0.0.1:" + std::to_string(ntohs(address.sin_port)), std::chrono::milliseconds(100));
  EXPECT_EQ(Ask("example.net", Type::kTxt).outcome, Outcome::kTempError);
  // One that is still out when the resolver goes is dropped.
  resolver_->Start(Query(*Name::Parse("example.org"), Type::kTxt),
                   [](const Answer&) { ADD_FAILURE() << "dropped"; });
  resolver_.reset();
  close(silent);
}

TEST_F(UnboundEventResolverTest, AnAnswerMayStartAnother) {
  Copy last;
  resolver_->Start(Query(*Name::Parse("n1.example.net"), Type::kTxt), [&](const Answer&) {
    resolver_->Start(Query(*Name::Parse("n2.example.net"), Type::kTxt),
                     [&](const Answer& answer) { last = CopyOf(answer); });
  });
  RunUntilIdle();
  EXPECT_EQ(last.outcome, Outcome::kRecords);
}

}  // namespace
}  // namespace postseal::dns
