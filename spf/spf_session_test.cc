#include "spf/spf_session.h"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/test_support.h"

namespace {
size_t allocations = 0;
}  // namespace

// Counts what the whole program allocates; memory comes from malloc as usual.
void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace postseal::spf {
namespace {

using testing::MakeRequest;

TEST(SpfSessionTest, CallsOutOfOrder) {
  SpfSession session;
  EXPECT_FALSE(session.done());
  EXPECT_FALSE(session.NextQuery().has_value());
  EXPECT_TRUE(session.lookups().empty());
  session.FailOutstanding();
  const dns::Answer answer(dns::Outcome::kNxDomain);
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kFailedPrecondition);
  session.Start(MakeRequest("192.0.2.1", "user@example.com"));
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kNotFound)
      << "not taken by NextQuery yet";
  ASSERT_TRUE(session.NextQuery().has_value());
  EXPECT_FALSE(session.NextQuery().has_value());
  EXPECT_TRUE(session.Provide(0, answer).ok());
  EXPECT_TRUE(session.done());
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SpfSessionTest, TheDeadlineIsATempError) {  // RFC 7208 §4.6.4 ¶5
  SpfSession session;
  session.Start(MakeRequest("192.0.2.1", "user@example.com"));
  session.FailOutstanding();
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.verdict().result(), base::Result::kTempError);
}

TEST(SpfSessionTest, KeepsTheTextOfTheRequest) {
  dns::ZoneResolver zone;
  ASSERT_TRUE(zone.AddText("example.com. TXT \"v=spf1 -all exp=e.example\"\n"
                           "e.example. TXT \"%{s} %{h} %{r}\"\n",
                           "zone")
                  .ok());
  SpfSession session;
  {
    auto mail_from = std::make_unique<std::string>("user@example.com");
    auto helo = std::make_unique<std::string>("a-helo-name.example.net");
    auto receiver = std::make_unique<std::string>("a-receiver.example.net");
    Request request = MakeRequest("192.0.2.1", *mail_from, *helo);
    request.receiver = *receiver;
    session.Start(request);
  }
  dns::RunBlocking(&session, &zone, dns::Deadline::max());
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.verdict().explanation,
            "user@example.com a-helo-name.example.net a-receiver.example.net");
}

TEST(SpfSessionTest, MayBeDroppedAndRestartedAtAnyTime) {
  dns::ZoneResolver zone;
  ASSERT_TRUE(zone.AddText("example.com. TXT \"v=spf1 mx include:b.example -all\"\n"
                           "example.com. MX 1 h.example.\nh.example. A 192.0.2.9\n"
                           "b.example. TXT \"v=spf1 a:h.example ptr exists:%{p}.example -all\"\n",
                           "zone")
                  .ok());
  SpfSession session;
  for (size_t answered = 0; answered < 8; ++answered) {
    session.Start(MakeRequest("192.0.2.1", "user@example.com"));
    for (size_t i = 0; i < answered; ++i) {
      const auto query = session.NextQuery();
      if (!query.has_value()) break;
      ASSERT_TRUE(session.Provide(query->id, *zone.Lookup(query->query)).ok());
    }
  }
  EXPECT_TRUE(session.done());
  session.Start(MakeRequest("192.0.2.1", "user@example.com"));
}

// Serve answers all queries of |session| without allocating.
void Serve(SpfSession* session,
           const std::vector<std::pair<dns::Query, std::vector<std::string_view>>>& records) {
  while (const auto query = session->NextQuery()) {
    dns::Answer answer(dns::Outcome::kNxDomain);
    for (const auto& [owner, rdata] : records) {
      if (!(owner == query->query)) continue;
      answer.outcome = dns::Outcome::kRecords;
      answer.rdata = rdata;
    }
    session->Provide(query->id, answer).IgnoreError();
  }
}

TEST(SpfSessionTest, AllocatesNothingInTheSteadyState) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the arena gives each allocation a block of its own";
#endif
#endif
  const auto query = [](std::string_view name, dns::Type type) {
    return dns::Query(*dns::Name::Parse(name), type);
  };
  std::vector<std::pair<dns::Query, std::vector<std::string>>> owned = {
      {query("ip4.example", dns::Type::kTxt), {dns::TxtRdata("v=spf1 ip4:192.0.2.1 -all")}},
      {query("include.example", dns::Type::kTxt),
       {dns::TxtRdata("v=spf1 include:ip4.example include:ip4.example -all")}},
      {query("macro.example", dns::Type::kTxt),
       {dns::TxtRdata("v=spf1 exists:%{ir}.%{l1r+-}.%{d} mx a -all")}},
      {query("macro.example", dns::Type::kMx),
       {dns::MxRdata(dns::Mx(1, *dns::Name::Parse("h.example")))}},
      {query("h.example", dns::Type::kA), {dns::AddressRdata(*dns::IpAddress::Parse("192.0.2.9"))}},
      {query("macro.example", dns::Type::kAaaa),
       {dns::AddressRdata(*dns::IpAddress::Parse("2001:db8::9"))}},
      {query("macro.example", dns::Type::kA),
       {dns::AddressRdata(*dns::IpAddress::Parse("192.0.2.9"))}},
  };
  std::vector<std::pair<dns::Query, std::vector<std::string_view>>> records;
  for (const auto& [owner, rdata] : owned) {
    records.emplace_back(owner, std::vector<std::string_view>(rdata.begin(), rdata.end()));
  }
  SpfSession session;
  const auto run = [&](std::string_view mail_from, std::string_view client) {
    session.Start(MakeRequest(client, mail_from));
    Serve(&session, records);
    ASSERT_TRUE(session.done());
    EXPECT_EQ(session.verdict().result(), base::Result::kFail) << mail_from;
  };
  for (const std::string_view client : {"192.0.2.3", "2001:db8::1"}) {
    for (const std::string_view mail_from :
         {"user@ip4.example", "user@include.example", "a+user-ext@macro.example"}) {
      // The first two find out how much memory it takes.
      run(mail_from, client);
      run(mail_from, client);
      const size_t before = allocations;
      run(mail_from, client);
      EXPECT_EQ(allocations, before) << mail_from << " from " << client;
    }
  }
}

}  // namespace
}  // namespace postseal::spf
