// What must hold for every way of feeding a session: the cuts of the message, the
// order and time of the answers, and answers that never come.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dkim/policy.h"
#include "dkim/signing_key.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "testing/forge.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;

const dkim::SigningKey& Key() {
  static const auto key =
      *dkim::SigningKey::FromPem(testing::ReadTestFile("testdata/keys/ed25519.pem"));
  return *key;
}

std::string Zone(int selectors) {
  std::string zone;
  for (int i = 0; i < selectors; ++i) {
    absl::StrAppend(&zone, "s", i, "._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p=",
                    Key().public_key_base64(), "\"\n");
  }
  return zone;
}

// Message carries signatures of every canonicalization pair, each with a selector
// of its own, over a body with everything that canonicalization changes.
std::string Message() {
  std::string message =
      "From: a@example.com\r\nSubject:  folded\r\n\t subject \r\nTo: b@example.net\r\n\r\n"
      "Hello \t World \r\n\r\n\r \n  indented\r\nlast \r\n\r\n \r\n\r\n";
  int selector = 0;
  for (const char* canon :
       {"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"}) {
    message =
        testing::Forge(message,
                       absl::StrCat(" v=1; a=ed25519-sha256; c=", canon, "; d=example.com; s=s",
                                    selector++, ";\r\n\th=From:Subject:To:From; bh=%bh; b="),
                       Key());
  }
  return message;
}

void Answer(const dns::ZoneResolver& zone, const dns::PendingQuery& query, VerifySession* session) {
  const std::optional<dns::Answer> answer = zone.Lookup(query.query);
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(session->Provide(query.id, *answer).ok());
}

class PropertyTest : public ::testing::Test {
 protected:
  PropertyTest() { EXPECT_TRUE(zone_.AddText(Zone(4), "zone").ok()); }

  std::unique_ptr<VerifySession> Create() {
    auto options = std::make_shared<Options>();
    options->dkim.diagnose = true;
    options->scan_body = true;
    return *VerifySession::Create(options, Envelope(), kNow);
  }

  // Finish ends |session| and returns its report as JSON.
  std::string Finish(VerifySession* session) {
    EXPECT_TRUE(session->EndOfMessage().ok());
    while (auto query = session->NextQuery()) Answer(zone_, *query, session);
    EXPECT_TRUE(session->done());
    return ReportToJson(session->report(), "");
  }

  std::string ReportOf(const std::vector<std::string_view>& chunks) {
    const auto session = Create();
    for (const std::string_view chunk : chunks) EXPECT_TRUE(session->Feed(chunk).ok());
    return Finish(session.get());
  }

  dns::ZoneResolver zone_;
};

TEST_F(PropertyTest, AnyCutOfTheMessageGivesTheSameReport) {
  const std::string message = Message();
  const std::string_view text = message;
  const std::string expected = ReportOf({text});
  size_t passes = 0;
  for (size_t at = expected.find("\"pass\""); at != expected.npos;
       at = expected.find("\"pass\"", at + 1)) {
    ++passes;
  }
  ASSERT_EQ(passes, 4u) << expected;
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    ASSERT_EQ(ReportOf({text.substr(0, cut), text.substr(cut)}), expected) << "cut at " << cut;
  }
  std::vector<std::string_view> octets;
  for (size_t i = 0; i < text.size(); ++i) octets.push_back(text.substr(i, 1));
  EXPECT_EQ(ReportOf(octets), expected);
  std::mt19937 random(20260101);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string_view> chunks;
    for (std::string_view rest = text; !rest.empty();) {
      const size_t n = std::min<size_t>(rest.size(), random() % 40);
      chunks.push_back(rest.substr(0, n));
      rest.remove_prefix(n);
    }
    ASSERT_EQ(ReportOf(chunks), expected) << "round " << round;
  }
}

TEST_F(PropertyTest, AnyOrderAndTimeOfTheAnswersGivesTheSameReport) {
  const std::string message = Message();
  const std::string expected = ReportOf({message});
  std::mt19937 random(20260102);
  for (int round = 0; round < 300; ++round) {
    const auto session = Create();
    std::vector<dns::PendingQuery> open;
    for (std::string_view rest = message; !rest.empty();) {
      const size_t n = std::min<size_t>(rest.size(), 1 + random() % 400);
      ASSERT_TRUE(session->Feed(rest.substr(0, n)).ok());
      rest.remove_prefix(n);
      while (auto query = session->NextQuery()) open.push_back(*query);
      std::shuffle(open.begin(), open.end(), random);
      if (!open.empty() && random() % 2 == 0) {
        Answer(zone_, open.back(), session.get());
        open.pop_back();
      }
    }
    ASSERT_TRUE(session->EndOfMessage().ok());
    for (const dns::PendingQuery& query : open) Answer(zone_, query, session.get());
    ASSERT_TRUE(session->done()) << round;
    ASSERT_EQ(ReportToJson(session->report(), ""), expected) << round;
  }
}

TEST_F(PropertyTest, KeysAreAskedForBeforeTheBody) {
  const std::string message = Message();
  const auto session = Create();
  ASSERT_TRUE(session->Feed(message.substr(0, message.find("\r\n\r\n") + 4)).ok());
  size_t queries = 0;
  while (session->NextQuery()) ++queries;
  EXPECT_EQ(queries, 4u) << "all together";
}

TEST_F(PropertyTest, WithoutTheRightKeyNothingPasses) {
  const std::string message = Message();
  std::mt19937 random(20260103);
  const std::string wrong =
      "\x4bv=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=   ";
  for (int round = 0; round < 500; ++round) {
    const auto session = Create();
    const bool give_up_early = random() % 4 == 0;
    if (give_up_early) session->FailOutstanding();
    ASSERT_TRUE(session->Feed(message).ok());
    ASSERT_TRUE(session->EndOfMessage().ok());
    size_t answered = 0;
    while (auto query = session->NextQuery()) {
      std::string octets = wrong.substr(0, random() % (wrong.size() + 1));
      for (char& c : octets) {
        if (random() % 30 == 0) c = static_cast<char>(random());
      }
      const std::string_view rdata[] = {octets, octets};
      dns::Answer answer(static_cast<dns::Outcome>(random() % 5));
      answer.rdata = std::span(rdata).first(random() % 3);
      if (random() % 8 == 0) continue;  // never answered
      ASSERT_TRUE(session->Provide(query->id, answer).ok());
      ++answered;
    }
    session->FailOutstanding();
    ASSERT_TRUE(session->done()) << "always terminates, round " << round;
    const Report& report = session->report();
    ASSERT_EQ(report.dkim.size(), 4u);
    for (const auto& signature : report.dkim) {
      ASSERT_NE(signature.result, base::Result::kPass) << round;
      ASSERT_NE(signature.result, base::Result::kNone) << round;
    }
    EXPECT_LE(report.spent.dns_queries, kMaxMessageLookups);
    EXPECT_LE(report.spent.public_key_operations, dkim::kMaxPublicKeyOperations);
    EXPECT_LE(answered, 4u);
  }
}

TEST_F(PropertyTest, MisuseIsAStatus) {
  EXPECT_FALSE(VerifySession::Create(nullptr, Envelope(), kNow).ok());
  EXPECT_FALSE(VerifySession::Create(std::make_shared<Options>(), Envelope(), -1).ok());
  const auto session = Create();
  EXPECT_FALSE(session->done());
  EXPECT_TRUE(session->EndOfMessage().ok()) << "the empty message is one";
  EXPECT_TRUE(session->done());
  EXPECT_EQ(session->report().DkimResult(), base::Result::kNone);
  EXPECT_TRUE(absl::IsFailedPrecondition(session->Feed("x")));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->EndOfMessage()));
  EXPECT_TRUE(absl::IsNotFound(session->Provide(0, dns::Answer())));
}

}  // namespace
}  // namespace postseal::auth
