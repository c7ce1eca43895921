// Tests of the C++17 layer: every class does what its C functions do, throws where they
// fail, and owns what it should. Compiled as C++17 (BUILD.bazel).
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/postseal.h"
#include "capi/postseal.hpp"
#include "gtest/gtest.h"

static_assert(__cplusplus == 201703L, "this test is about C++17");

namespace {

using postseal::Config;
using postseal::Envelope;
using postseal::Identity;
using postseal::Result;
using postseal::Verify;
using postseal::Zone;

constexpr std::int64_t kNow = 1528637909;  // t= of RFC 8463 appendix A.3

constexpr std::string_view kPlain =
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
// The value of the Ed25519 signature of RFC 8463 appendix A.3.
constexpr std::string_view kSignatureValue =
    " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
constexpr std::string_view kKeyRecord =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

std::string Signed() {
  return "DKIM-Signature:" + std::string(kSignatureValue) + "\r\n" + std::string(kPlain);
}

Zone FootballZone() {
  Zone zone;
  zone.Add("brisbane._domainkey.football.example.com. TXT \"" + std::string(kKeyRecord) + "\"\n")
      .Add(
          "football.example.com. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
          "_dmarc.football.example.com. TXT \"v=DMARC1; p=reject\"\n");
  return zone;
}

Envelope FootballEnvelope() {
  Envelope envelope;
  envelope.SetClientIp("192.0.2.1").SetHelo("mail.football.example.com");
  envelope.SetMailFrom("joe@football.example.com").SetReceiver("mx.example.net");
  return envelope;
}

// FeedAndAnswer feeds |message| in pieces of |step| octets and answers from |zone|.
void FeedAndAnswer(Verify* verify, std::string_view message, const Zone& zone,
                   std::size_t step = 7) {
  for (; message.size() > step; message.remove_prefix(step)) verify->Feed(message.substr(0, step));
  verify->Feed(message);
  verify->EndOfMessage();
  zone.Answer(verify->exchange());
}

// StatusOf is the status of the Error that |call| throws, which must have words too; 0
// when it throws none.
postseal_status StatusOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const postseal::Error& error) {
    EXPECT_STRNE(error.what(), "");
    return error.status();
  }
  return POSTSEAL_OK;
}

TEST(PostsealHppTest, VerifiesTheMessageOfRfc8463) {
  Verify first(kNow, FootballEnvelope());
  Verify verify = std::move(first);  // handles move
  EXPECT_FALSE(verify.exchange().done());
  FeedAndAnswer(&verify, Signed(), FootballZone());
  ASSERT_TRUE(verify.exchange().done());
  EXPECT_EQ(verify.result(), Result::kPass);

  const std::vector<postseal::Signature> signatures = verify.signatures();
  ASSERT_EQ(signatures.size(), 1u);
  EXPECT_EQ(signatures[0].result, Result::kPass);
  EXPECT_EQ(signatures[0].domain, "football.example.com");
  EXPECT_EQ(signatures[0].selector, "brisbane");
  EXPECT_EQ(signatures[0].key_bits, 256);
  EXPECT_EQ(signatures[0].reason.name(), "verified");

  const std::optional<postseal::SpfResult> spf = verify.spf();
  ASSERT_TRUE(spf.has_value());
  EXPECT_EQ(Name(spf->result), "pass");
  EXPECT_EQ(spf->domain, "football.example.com");
  EXPECT_NE(spf->reason.clause(), "");

  const std::optional<postseal::DmarcResult> dmarc = verify.dmarc();
  ASSERT_TRUE(dmarc.has_value());
  EXPECT_EQ(dmarc->result, Result::kPass);
  EXPECT_EQ(dmarc->disposition, postseal::Policy::kNone);
  EXPECT_EQ(dmarc->reason.method, postseal::Method::kDmarc);
  EXPECT_EQ(dmarc->domain, "football.example.com");

  const std::string field = verify.AuthenticationResults("mx.example.net");
  EXPECT_EQ(field.rfind("Authentication-Results: mx.example.net;", 0), 0u) << field;
  EXPECT_EQ(field.substr(field.size() - 2), "\r\n");
  EXPECT_EQ(verify.ReceivedSpf().rfind("Received-SPF: pass", 0), 0u);
  EXPECT_NE(verify.Json("mx.example.net").find("\"selector\":\"brisbane\""), std::string::npos);
  EXPECT_NE(verify.Explanation().find("football.example.com"), std::string::npos);
}

TEST(PostsealHppTest, TakesAMessageFieldByField) {
  Verify verify(kNow);
  verify.Header("DKIM-Signature", kSignatureValue);
  std::string_view rest = kPlain;
  while (rest.substr(0, 2) != "\r\n") {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    const std::size_t colon = line.find(':');
    verify.Header(line.substr(0, colon), line.substr(colon + 1));
    rest.remove_prefix(line.size() + 2);
  }
  verify.EndOfHeaders();
  verify.Body(rest.substr(2));
  verify.EndOfMessage();
  FootballZone().Answer(verify.exchange());
  EXPECT_EQ(verify.signatures().at(0).result, Result::kPass);
  EXPECT_FALSE(verify.spf().has_value()) << "nothing is known of the envelope";
  EXPECT_FALSE(verify.spf(Identity::kHelo).has_value());
}

TEST(PostsealHppTest, TheNullReversePathIsNotAnUnknownOne) {
  Envelope envelope;
  envelope.SetClientIp("192.0.2.1").SetHelo("football.example.com").SetMailFrom("");
  Verify verify(kNow, envelope);
  FeedAndAnswer(&verify, kPlain, FootballZone());
  // RFC 7208 §2.4: postmaster at the HELO name.
  ASSERT_TRUE(verify.spf().has_value());
  EXPECT_EQ(verify.spf()->domain, "football.example.com");
}

TEST(PostsealHppTest, AnswersByPollingInAnyOrder) {
  Verify verify(kNow);
  verify.Feed(Signed());
  verify.EndOfMessage();
  postseal::Exchange exchange = verify.exchange();
  std::vector<postseal::Query> asked;
  while (const std::optional<postseal::Query> query = exchange.NextQuery()) {
    asked.insert(asked.begin(), *query);
  }
  ASSERT_GE(asked.size(), 2u) << "keys and policies are asked for together";
  for (const postseal::Query& query : asked) {
    EXPECT_EQ(query.type, 16);
    if (query.name == "brisbane._domainkey.football.example.com") {
      exchange.ProvideText(query.id, {kKeyRecord}, 300);
    } else {
      exchange.Provide(query.id, postseal::Outcome::kNxDomain);
    }
  }
  EXPECT_TRUE(exchange.done());
  EXPECT_EQ(verify.signatures().at(0).result, Result::kPass);
  EXPECT_EQ(StatusOf([&] { exchange.Provide(99, postseal::Outcome::kNoData); }),
            POSTSEAL_E_UNKNOWN_QUERY);
}

TEST(PostsealHppTest, WhatIsNotAnsweredInTimeIsATemporaryError) {
  Verify verify(kNow);
  verify.Feed(Signed());
  verify.EndOfMessage();
  verify.exchange().Expire();
  EXPECT_EQ(verify.signatures().at(0).result, Result::kTempError);
}

TEST(PostsealHppTest, DriveCarriesExceptionsPastC) {
  Verify verify(kNow);
  verify.Feed(Signed());
  verify.EndOfMessage();
  int calls = 0;
  auto resolve = [&](postseal::Exchange, const postseal::Query&) {
    ++calls;
    throw std::logic_error("the resolver broke");
  };
  EXPECT_THROW(verify.exchange().Drive(resolve), std::logic_error);
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(verify.exchange().done());
  verify.exchange().Expire();
  EXPECT_TRUE(verify.exchange().done());
}

TEST(PostsealHppTest, DriveAnswersFromACallback) {
  Verify verify(kNow);
  verify.Feed(Signed());
  verify.EndOfMessage();
  verify.exchange().Drive([](postseal::Exchange exchange, const postseal::Query& query) {
    // A TXT record in wire form: a length and so many octets. RFC 1035 §3.3.14
    const std::string wire =
        std::string(1, static_cast<char>(kKeyRecord.size())) + std::string(kKeyRecord);
    exchange.Provide(query.id, postseal::Outcome::kRecords, {wire});
  });
  EXPECT_EQ(verify.signatures().at(0).result, Result::kPass);
}

TEST(PostsealHppTest, SignsWhatItVerifies) {
  Zone zone;
  postseal::Signer signer;
  {
    // Keys may go: the signer keeps what it needs.
    postseal::Keypair ed25519(postseal::KeyType::kEd25519), rsa(postseal::KeyType::kRsa, 1024);
    zone.Add(ed25519.ZoneText("football.example.com", "s1"));
    zone.Add(rsa.ZoneText("football.example.com", "s2"));
    EXPECT_EQ(ed25519.Record().rfind("v=DKIM1;", 0), 0u);
    const postseal::Key key = postseal::Key::FromPem(ed25519.PrivatePem());
    EXPECT_EQ(key.type(), postseal::KeyType::kEd25519);
    EXPECT_EQ(key.bits(), 256);
    signer.AddKey("football.example.com", "s1", key)
        .SetCanonicalization(postseal::Canonicalization::kSimple,
                             postseal::Canonicalization::kSimple)
        .SetHeaders("From:Subject")
        .SetOversign("Subject")
        .SetIdentity("joe@football.example.com")
        .SetExpiresIn(3600)
        .SetCopyFields(true);
    signer.AddKey("football.example.com", "s2", postseal::Key::FromPem(rsa.PrivatePem()))
        .SetTimestamp(false);
  }
  postseal::Sign sign(signer, kNow);
  sign.Feed(kPlain);
  sign.EndOfMessage();
  const std::string fields = sign.Fields();
  for (const std::string_view part : {"c=simple/simple", "x=1528641509", "z=From:"}) {
    EXPECT_NE(fields.find(part), std::string::npos) << part << " in " << fields;
  }
  EXPECT_EQ(fields.find("t="), fields.rfind(" t=") + 1) << "one t=: " << fields;

  Verify verify(kNow);
  FeedAndAnswer(&verify, fields + std::string(kPlain), zone);
  const std::vector<postseal::Signature> signatures = verify.signatures();
  ASSERT_EQ(signatures.size(), 2u);
  for (const postseal::Signature& signature : signatures) {
    EXPECT_EQ(signature.result, Result::kPass) << signature.reason.text();
  }
}

TEST(PostsealHppTest, KeysElsewhere) {
  postseal::Signer signer;
  std::string digest_seen;
  {
    const postseal::Key broken = postseal::Key::FromCallback(
        postseal::KeyType::kEd25519, 256, [](std::string_view) -> std::string {
          throw std::runtime_error("the key is locked away");
        });
    const postseal::Key talkative = postseal::Key::FromCallback(
        postseal::KeyType::kRsa, 2048,
        [](std::string_view) { return std::string(POSTSEAL_MAX_SIGNATURE_OCTETS + 1, 'x'); });
    const postseal::Key good = postseal::Key::FromCallback(postseal::KeyType::kEd25519, 256,
                                                           [&digest_seen](std::string_view digest) {
                                                             digest_seen = digest;
                                                             return std::string(64, 'x');
                                                           });
    signer.AddKey("football.example.com", "s1", broken);
    signer.AddKey("football.example.com", "s2", talkative);
    signer.AddKey("football.example.com", "s3", good);
    signer.AddExternal("football.example.com", "s4", postseal::KeyType::kEd25519);
    signer.AddExternal("football.example.com", "s5", postseal::KeyType::kRsa);
  }
  postseal::Sign sign(signer, kNow);
  sign.Feed(kPlain);
  EXPECT_EQ(StatusOf([&] { sign.EndOfMessage(); }), POSTSEAL_E_KEY);
  EXPECT_EQ(digest_seen.size(), 32u);
  EXPECT_EQ(StatusOf([&] { sign.Fields(); }), POSTSEAL_E_STATE);
  const std::optional<postseal::SignatureRequest> first = sign.NextSignature();
  const std::optional<postseal::SignatureRequest> second = sign.NextSignature();
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_FALSE(sign.NextSignature().has_value());
  EXPECT_EQ(first->type, postseal::KeyType::kEd25519);
  EXPECT_EQ(first->digest.size(), 32u);
  sign.FailSignature(second->id);
  sign.ProvideSignature(first->id, std::string(64, 'y'));
  const std::string fields = sign.Fields();
  EXPECT_NE(fields.find("s=s3;"), std::string::npos) << fields;
  EXPECT_NE(fields.find("s=s4;"), std::string::npos) << fields;
  for (const std::string_view gone : {"s=s1;", "s=s2;", "s=s5;"}) {
    EXPECT_EQ(fields.find(gone), std::string::npos) << fields;
  }
}

TEST(PostsealHppTest, EvidenceMakesTheSameReportAgain) {
  Config config;
  config.Set("record_message", 1);
  Verify verify(kNow, FootballEnvelope(), config);
  FeedAndAnswer(&verify, Signed(), FootballZone());
  const postseal::Evidence evidence(verify.Evidence("mx.example.net"));
  Verify again = evidence.StartVerify();
  again.Feed(Signed());
  again.EndOfMessage();
  evidence.Answer(again.exchange());
  EXPECT_EQ(again.Json("mx.example.net"), verify.Json("mx.example.net"));
}

TEST(PostsealHppTest, PlansTheRemovalOfForgedFields) {
  Verify verify(kNow);
  // RFC 8601 §5: ours by name goes, another's stays.
  FeedAndAnswer(&verify,
                "Authentication-Results: mx.example.net; spf=pass\r\n"
                "Authentication-Results: other.example; spf=pass\r\n"
                "Authentication-Results: mx.example.net; dkim=pass\r\n" +
                    std::string(kPlain),
                FootballZone());
  const std::vector<postseal::Removal> plan = verify.PlanRemoval("mx.example.net");
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].position, 2u);
  EXPECT_EQ(plan[0].occurrence, 3u);
  EXPECT_EQ(plan[1].position, 0u);
  EXPECT_EQ(plan[1].occurrence, 1u);
}

TEST(PostsealHppTest, SpfDmarcAndLintAlone) {
  const Zone zone = FootballZone();
  postseal::Spf spf(FootballEnvelope(), Identity::kMailFrom, kNow);
  zone.Answer(spf.exchange());
  EXPECT_EQ(spf.result().result, Result::kPass);
  EXPECT_EQ(spf.result().domain, "football.example.com");
  EXPECT_NE(spf.Json().find("\"pass\""), std::string::npos);
  EXPECT_NE(spf.Explanation().find("ip4:192.0.2.1"), std::string::npos);

  postseal::Dmarc dmarc("football.example.com");
  dmarc.Add(postseal::Method::kSpf, "elsewhere.example", Result::kPass)
      .Add(postseal::Method::kDkim, "football.example.com", Result::kFail);
  dmarc.Start();
  zone.Answer(dmarc.exchange());
  EXPECT_EQ(dmarc.result().result, Result::kFail);
  EXPECT_EQ(dmarc.result().disposition, postseal::Policy::kReject);
  EXPECT_NE(dmarc.Json().find("\"reject\""), std::string::npos);
  EXPECT_NE(dmarc.Explanation().find("football.example.com"), std::string::npos);

  postseal::Lint lint("football.example.com");
  zone.Answer(lint.exchange());
  EXPECT_EQ(lint.Json().front(), '{');
}

TEST(PostsealHppTest, Texts) {
  EXPECT_NE(postseal::ParseAuthenticationResults("mx.example; dkim=pass").find("\"valid\":true"),
            std::string::npos);
  EXPECT_NE(postseal::ParseRecord(postseal::Method::kDkim, kKeyRecord).find("\"valid\":true"),
            std::string::npos);
  Config config;
  config.SetPublicSuffixes("com\nexample.com\n");
  EXPECT_EQ(postseal::OrgDomain(config, "a.football.example.com"), "football.example.com");
  EXPECT_EQ(Name(static_cast<Result>(99)), "");
  EXPECT_EQ((postseal::Reason{postseal::Method::kDkim, 9999}.name()), "");
}

TEST(PostsealHppTest, MisuseThrows) {
  Config used;
  const Verify session(kNow, {}, used);
  Verify ended(0);  // a time, not a null pointer
  ended.EndOfMessage();
  Zone zone;
  postseal::Signer signer;
  const struct {
    postseal_status want;
    std::function<void()> call;
    const char* why;
  } cases[] = {
      {POSTSEAL_E_ARGUMENT, [] { Config().Set("no_such_option", 1); }, "no such option"},
      {POSTSEAL_E_ARGUMENT, [] { Config().Set("max_lookups", -1); }, "out of range"},
      {POSTSEAL_E_STATE, [&] { used.Set("max_lookups", 5); }, "a session was made with it"},
      {POSTSEAL_E_ARGUMENT, [] { Envelope().SetClientIp("1.2.3"); }, "no address"},
      {POSTSEAL_E_ARGUMENT, [&] { zone.Add("a.example. MX -1 b.example.\n"); }, "no preference"},
      {POSTSEAL_E_STATE, [&] { session.result(); }, "no report yet"},
      {POSTSEAL_E_STATE, [&] { session.spf(); }, "no report yet"},
      {POSTSEAL_E_STATE, [&] { session.dmarc(); }, "no report yet"},
      {POSTSEAL_E_STATE, [&] { ended.Feed("x"); }, "the message has ended"},
      {POSTSEAL_E_KEY, [] { postseal::Key::FromPem("no key"); }, "no PEM"},
      {POSTSEAL_E_ARGUMENT, [] { postseal::Keypair(postseal::KeyType::kRsa, 1000); }, "bits"},
      {POSTSEAL_E_STATE, [&] { signer.SetExpiresIn(1); }, "no signature was added"},
      {POSTSEAL_E_ARGUMENT, [] { postseal::Evidence("{}"); }, "no evidence"},
      {POSTSEAL_E_ARGUMENT, [] { postseal::Spf({}, Identity::kHelo, kNow); }, "no address"},
      {POSTSEAL_E_ARGUMENT, [] { postseal::Lint(".."); }, "no domain"},
      {POSTSEAL_E_ARGUMENT, [] { postseal::Dmarc(".."); }, "no domain"},
      {POSTSEAL_E_STATE, [] { postseal::OrgDomain(Config(), "a.example"); }, "no list"},
  };
  for (const auto& c : cases) EXPECT_EQ(StatusOf(c.call), c.want) << c.why;
}

}  // namespace
