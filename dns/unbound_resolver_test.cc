// UnboundResolver against a real authoritative server, NSD.
#include "dns/unbound_resolver.h"

#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/arena.h"
#include "dns/address.h"
#include "dns/nsd_server.h"
#include "dns/rdata.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

using std::string_literals::operator""s;

constexpr int kManyLookups = 500;
const std::string kLongText(4096, 'k');

std::string Zone() {
  std::string zone =
      "$ORIGIN example.net.\n$TTL 777\n"
      "@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
      "@ TXT \"v=spf1 mx -all\"\n@ MX 10 mail\n@ MX 20 backup\n"
      "mail A 192.0.2.1\nmail AAAA 2001:db8::1\n"
      "several TXT \"v=DKIM1; k=rsa; \" \"p=\" \"AAAA\"\n"
      "alias 300 CNAME hop\nhop CNAME mail\nlost CNAME nowhere\n"
      "loop CNAME pool\npool CNAME loop\n"
      "odd\\032\\\\\\001\\255name TXT odd\n_x.y TXT underscore\n";
  zone += "long TXT";
  for (size_t i = 0; i < kLongText.size(); i += 128) zone += " " + kLongText.substr(i, 128);
  for (int i = 0; i < kManyLookups; ++i) {
    zone += "\nn" + std::to_string(i) + " TXT " + std::to_string(i);
  }
  return zone + "\n";
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file) << path;
  return text.str();
}

Query MakeQuery(std::string_view name, Type type) { return Query(*Name::Parse(name), type); }
Query Txt(std::string_view name) { return MakeQuery(name, Type::kTxt); }

// What an Answer says, on its own.
struct Copy {
  Outcome outcome = Outcome::kTempError;
  bool secure = false;
  uint32_t ttl = 0;
  std::vector<std::string> rdata;
};

Copy CopyOf(const Answer& answer) {
  return {answer.outcome, answer.dnssec_secure, answer.ttl_seconds,
          std::vector<std::string>(answer.rdata.begin(), answer.rdata.end())};
}

Deadline Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }

std::unique_ptr<UnboundResolver> MakeResolver(
    const std::string& server, std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
  UnboundOptions options;
  options.forward_servers = {server};
  options.lookup_timeout = timeout;
  auto resolver = UnboundResolver::Create(options);
  EXPECT_TRUE(resolver.ok()) << resolver.status();
  return *std::move(resolver);
}

class UnboundResolverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto server = NsdServer::Start({{"example.net", Zone()},
                                    {"2.0.192.in-addr.arpa",
                                     "$ORIGIN 2.0.192.in-addr.arpa.\n"
                                     "@ 60 SOA ns.example.net. h.example.net. 1 2 3 4 5\n"
                                     "@ 60 NS ns.example.net.\n1 60 PTR mail.example.net.\n"},
                                    {"signed.example", ReadFile("testdata/zones/signed.zone")},
                                    {"broken.example", ""}});
    if (server.ok()) {
      nsd_ = server->release();
    } else {
      start_error_ = new std::string(server.status().ToString());
    }
  }
  static void TearDownTestSuite() {
    delete nsd_;
    nsd_ = nullptr;
    delete start_error_;
    start_error_ = nullptr;
  }

  void SetUp() override {
    ASSERT_NE(nsd_, nullptr) << *start_error_;
    resolver_ = MakeResolver(nsd_->address());
    ASSERT_NE(resolver_, nullptr);
  }

  // Asks and waits, with poll and Process as an event loop would.
  Copy Ask(const Query& query) {
    Copy copy;
    bool answered = false;
    resolver_->Start(query, [&](const Answer& answer) {
      copy = CopyOf(answer);
      answered = true;
    });
    while (!answered) {
      pollfd readable = {resolver_->fd(), POLLIN, 0};
      if (poll(&readable, 1, 60000) != 1) break;
      EXPECT_TRUE(resolver_->Process().ok());
    }
    EXPECT_TRUE(answered) << query.name.text();
    return copy;
  }

  static NsdServer* nsd_;
  static std::string* start_error_;
  std::unique_ptr<UnboundResolver> resolver_;
};
NsdServer* UnboundResolverTest::nsd_ = nullptr;
std::string* UnboundResolverTest::start_error_ = nullptr;

TEST_F(UnboundResolverTest, RecordsOfEachType) {
  using Records = std::vector<std::string>;
  EXPECT_EQ(Ask(Txt("example.net")).rdata, Records({TxtRdata("v=spf1 mx -all")}));
  EXPECT_EQ(Ask(Txt("_X.Y.example.NET.")).rdata, Records({TxtRdata("underscore")}));
  EXPECT_EQ(Ask(MakeQuery("example.net", Type::kMx)).rdata,
            Records({"\0\x0a\4mail\7example\3net\0"s, "\0\x14\6backup\7example\3net\0"s}));
  EXPECT_EQ(Ask(MakeQuery("mail.example.net", Type::kA)).rdata, Records({"\xc0\0\2\1"s}));
  EXPECT_EQ(Ask(MakeQuery("mail.example.net", Type::kAaaa)).rdata,
            Records({"\x20\1\x0d\xb8"s + std::string(11, '\0') + "\1"}));
  EXPECT_EQ(Ask(MakeQuery("1.2.0.192.in-addr.arpa", Type::kPtr)).rdata,
            Records({"\4mail\7example\3net\0"s}))
      << "libunbound's own zones for reserved addresses are off";
}

TEST_F(UnboundResolverTest, StringsStayApartAndLongOnesComeOverTcp) {
  base::Arena arena;
  const Copy several = Ask(Txt("several.example.net"));
  ASSERT_EQ(several.rdata.size(), 1u);
  EXPECT_EQ(several.rdata[0], "\x10v=DKIM1; k=rsa; \2p=\4AAAA");
  const Copy whole = Ask(Txt("long.example.net"));
  ASSERT_EQ(whole.rdata.size(), 1u);
  EXPECT_EQ(JoinTxt(whole.rdata[0], &arena), kLongText);
}

TEST_F(UnboundResolverTest, UnusualOctetsInNames) {
  EXPECT_EQ(Ask(Txt("odd \\\x01\xffname.example.net")).outcome, Outcome::kRecords);
  EXPECT_EQ(Ask(Txt("odd \\\x01\xfename.example.net")).outcome, Outcome::kNxDomain);
  EXPECT_EQ(Ask(Txt(std::string("a\0b.example.net", 15))).outcome, Outcome::kNxDomain);
}

TEST_F(UnboundResolverTest, Cnames) {
  const Copy through = Ask(MakeQuery("alias.example.net", Type::kA));
  EXPECT_EQ(through.rdata, std::vector<std::string>({"\xc0\0\2\1"s})) << "no CNAME among them";
  EXPECT_GT(through.ttl, 0u);
  EXPECT_LE(through.ttl, 300u) << "the alias has the smallest TTL";
  EXPECT_EQ(Ask(MakeQuery("alias.example.net", Type::kCname)).rdata,
            std::vector<std::string>({"\3hop\7example\3net\0"s}));
  EXPECT_EQ(Ask(MakeQuery("alias.example.net", Type::kMx)).outcome, Outcome::kNoData);
  EXPECT_EQ(Ask(MakeQuery("lost.example.net", Type::kA)).outcome, Outcome::kNxDomain);
  EXPECT_EQ(Ask(MakeQuery("loop.example.net", Type::kA)).outcome, Outcome::kTempError);
}

TEST_F(UnboundResolverTest, WaysToHaveNoRecord) {
  const struct {
    const char* name;
    Type type;
    Outcome want;
    const char* why;
  } cases[] = {
      {"nowhere.example.net", Type::kA, Outcome::kNxDomain, ""},
      {"mail.example.net", Type::kTxt, Outcome::kNoData, ""},
      {"y.example.net", Type::kTxt, Outcome::kNoData, "an empty non-terminal"},
      {"broken.example", Type::kTxt, Outcome::kTempError, "SERVFAIL"},
      {"elsewhere.example", Type::kTxt, Outcome::kTempError, "REFUSED"},
  };
  for (const auto& c : cases) {
    const Copy answer = Ask(MakeQuery(c.name, c.type));
    EXPECT_EQ(answer.outcome, c.want) << c.name << " " << c.why;
    EXPECT_TRUE(answer.rdata.empty());
  }
}

TEST_F(UnboundResolverTest, TtlsAreKept) {
  const uint32_t records = Ask(Txt("example.net")).ttl;
  EXPECT_LE(records, 777u);
  EXPECT_GT(records, 700u);
  const uint32_t negative = Ask(Txt("nowhere.example.net")).ttl;
  EXPECT_LE(negative, 60u) << "the SOA's MINIMUM (RFC 2308 §5)";
  EXPECT_GT(negative, 0u);
}

TEST_F(UnboundResolverTest, ManyLookupsAtOnce) {
  int answered = 0;
  for (int i = 0; i < kManyLookups; ++i) {
    resolver_->Start(Txt("n" + std::to_string(i) + ".example.net"), [&, i](const Answer& answer) {
      ++answered;
      ASSERT_EQ(answer.rdata.size(), 1u) << i;
      EXPECT_EQ(answer.rdata[0], TxtRdata(std::to_string(i)));
    });
  }
  const Deadline deadline = Soon();
  while (answered < kManyLookups && resolver_->Wait(deadline)) {
  }
  EXPECT_EQ(answered, kManyLookups);
  EXPECT_EQ(resolver_->outstanding(), 0u);
  EXPECT_FALSE(resolver_->Wait(Deadline::max())) << "nothing to wait for";
}

TEST_F(UnboundResolverTest, ResolvesABatch) {
  std::vector<PendingQuery> batch;
  for (uint32_t i = 0; i < 50; ++i) {
    batch.push_back({i + 1000, Txt("n" + std::to_string(i) + ".example.net")});
  }
  std::map<QueryId, std::string> got;
  resolver_->Resolve(batch, Soon(), [&](QueryId id, const Answer& answer) {
    EXPECT_TRUE(got.emplace(id, answer.rdata.empty() ? "" : answer.rdata[0]).second);
  });
  ASSERT_EQ(got.size(), batch.size());
  for (uint32_t i = 0; i < 50; ++i) EXPECT_EQ(got[i + 1000], TxtRdata(std::to_string(i)));
}

TEST_F(UnboundResolverTest, ADoneMayStartAndCancelLookups) {
  std::string log;
  const auto cancelled =
      resolver_->Start(Txt("n1.example.net"), [&](const Answer&) { log += "cancelled "; });
  resolver_->Cancel(cancelled);
  resolver_->Cancel(cancelled);
  resolver_->Start(Txt("n2.example.net"), [&](const Answer&) {
    log += "first ";
    const auto dropped =
        resolver_->Start(Txt("n3.example.net"), [&](const Answer&) { log += "dropped "; });
    resolver_->Start(Txt("n4.example.net"), [&](const Answer&) { log += "second "; });
    resolver_->Cancel(dropped);
  });
  const Deadline deadline = Soon();
  while (resolver_->Wait(deadline)) {
  }
  EXPECT_EQ(log, "first second ");
  EXPECT_EQ(resolver_->outstanding(), 0u);
}

TEST_F(UnboundResolverTest, CancelMidFlight) {
  std::vector<AsyncResolver::LookupId> lookups;
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    lookups.push_back(resolver_->Start(Txt("n" + std::to_string(i) + ".example.net"),
                                       [&](const Answer&) { ++answered; }));
  }
  for (size_t i = 0; i < lookups.size(); i += 2) resolver_->Cancel(lookups[i]);
  const Deadline deadline = Soon();
  while (resolver_->Wait(deadline)) {
  }
  EXPECT_EQ(answered, 50);
  // The results of the cancelled ones arrive, and are dropped.
  EXPECT_EQ(Ask(Txt("n400.example.net")).rdata.size(), 1u);
  EXPECT_EQ(answered, 50);
}

TEST_F(UnboundResolverTest, DestroyedWithLookupsInFlight) {
  const auto held = std::make_shared<int>(0);
  for (int i = 0; i < 200; ++i) {
    resolver_->Start(Txt("n" + std::to_string(i) + ".example.net"),
                     [held](const Answer&) { ADD_FAILURE() << "called"; });
  }
  resolver_.reset();
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(UnboundResolverTest, Dnssec) {
  UnboundOptions options;
  options.forward_servers = {nsd_->address()};
  options.trust_anchor_file = "testdata/zones/signed.anchor";
  auto resolver = UnboundResolver::Create(options);
  ASSERT_TRUE(resolver.ok()) << resolver.status();
  resolver_ = *std::move(resolver);
  const struct {
    const char* name;
    Type type;
    Outcome outcome;
    bool secure;
    const char* why;
  } cases[] = {
      {"signed.example", Type::kTxt, Outcome::kRecords, true, ""},
      {"signed.example", Type::kMx, Outcome::kNoData, true, "proven by NSEC"},
      {"nowhere.signed.example", Type::kTxt, Outcome::kNxDomain, true, "proven by NSEC"},
      {"forged.signed.example", Type::kTxt, Outcome::kTempError, false, "a bogus signature"},
      {"example.net", Type::kTxt, Outcome::kRecords, false, "no anchor covers it"},
  };
  for (const auto& c : cases) {
    const Copy answer = Ask(MakeQuery(c.name, c.type));
    EXPECT_EQ(answer.outcome, c.outcome) << c.name << " " << c.why;
    EXPECT_EQ(answer.secure, c.secure) << c.name << " " << c.why;
  }
  // Without the anchor, what is signed is not secure, and what is forged passes.
  resolver_ = MakeResolver(nsd_->address());
  EXPECT_FALSE(Ask(Txt("signed.example")).secure);
  EXPECT_EQ(Ask(Txt("forged.signed.example")).outcome, Outcome::kRecords);
}

TEST(UnboundResolverTimeoutTest, ADeadlineThatHasPassed) {
  const LoopbackPort silent;
  ASSERT_TRUE(silent.ok());
  const auto resolver = MakeResolver("127.0.0.1:" + std::to_string(silent.port()));
  resolver->Start(Txt("a.example.net"), [](const Answer&) { ADD_FAILURE() << "nobody answers"; });
  EXPECT_TRUE(resolver->next_timeout().has_value());
  EXPECT_FALSE(resolver->Wait(Deadline::min()));
}

TEST(UnboundResolverTimeoutTest, AServerThatNeverAnswers) {
  const LoopbackPort silent;
  ASSERT_TRUE(silent.ok());
  const std::string server = "127.0.0.1:" + std::to_string(silent.port());
  const auto resolver = MakeResolver(server, std::chrono::milliseconds(300));
  int errors = 0;
  for (int i = 0; i < 20; ++i) {
    resolver->Start(Txt("n" + std::to_string(i) + ".example.net"), [&](const Answer& answer) {
      errors += answer.outcome == Outcome::kTempError ? 1 : 0;
    });
  }
  const Deadline deadline = Soon();
  while (resolver->Wait(deadline)) {
  }
  EXPECT_EQ(errors, 20) << "each lookup has its own timeout";
  EXPECT_FALSE(resolver->next_timeout().has_value());
}

TEST(UnboundResolverTimeoutTest, TheDeadlineOfABatch) {
  const LoopbackPort silent;
  ASSERT_TRUE(silent.ok());
  const auto resolver = MakeResolver("127.0.0.1:" + std::to_string(silent.port()));
  const PendingQuery batch[] = {{0, Txt("a.example.net")}, {1, Txt("b.example.net")}};
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  resolver->Resolve(batch, deadline,
                    [](QueryId, const Answer&) { ADD_FAILURE() << "nobody answers"; });
  EXPECT_EQ(resolver->outstanding(), 0u) << "what is left is cancelled";
}

TEST(UnboundResolverCreateTest, RefusesBadOptions) {
  for (const char* server :
       {"", "localhost", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x",
        "[192.0.2.1]:53", "[2001:db8::1]", "2001:db8::1:", "192.0.2.1:53:53", "192.0.2.1@53"}) {
    UnboundOptions options;
    options.forward_servers = {server};
    EXPECT_TRUE(absl::IsInvalidArgument(UnboundResolver::Create(options).status())) << server;
  }
  for (const char* server : {"192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53"}) {
    UnboundOptions options;
    options.forward_servers = {server};
    EXPECT_TRUE(UnboundResolver::Create(options).ok()) << server;
  }
  UnboundOptions options;
  options.forward_servers = {"192.0.2.1"};
  for (const auto bad :
       {std::chrono::milliseconds(0), std::chrono::milliseconds(-1),
        std::chrono::milliseconds(kMaxLookupTimeout) + std::chrono::milliseconds(1)}) {
    options.lookup_timeout = bad;
    EXPECT_TRUE(absl::IsInvalidArgument(UnboundResolver::Create(options).status()));
  }
  options.lookup_timeout = kMaxLookupTimeout;
  EXPECT_TRUE(UnboundResolver::Create(options).ok());

  options.trust_anchor_file = std::string(std::getenv("TEST_TMPDIR")) + "/no-such-file";
  EXPECT_TRUE(absl::IsInvalidArgument(UnboundResolver::Create(options).status()));
  options.trust_anchor_file = std::string(std::getenv("TEST_TMPDIR")) + "/malformed";
  std::ofstream(*options.trust_anchor_file) << "example.net. IN DS no\n";
  EXPECT_TRUE(absl::IsInvalidArgument(UnboundResolver::Create(options).status()));
}

}  // namespace
}  // namespace postseal::dns
