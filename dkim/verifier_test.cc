#include "dkim/verifier.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/arena.h"
#include "base/base64.h"
#include "base/result.h"
#include "base/task.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/policy.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dkim/signing_key.h"
#include "dkim/testdata.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/rdata.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage = "From: a@example.com\r\nSubject: hi\r\n\r\nHello\r\n";

const SigningKey& Key() {
  static const auto key = *SigningKey::FromPem(ReadTestdata("keys/ed25519.pem"));
  return *key;
}

std::string Record() { return absl::StrCat("v=DKIM1; k=ed25519; p=", Key().public_key_base64()); }
// The example of RFC 8463 appendix A.2: a good key, but not ours.
constexpr std::string_view kOtherRecord =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

// Tags is a whole tag list with |more| in it.
std::string Tags(std::string_view selector, std::string_view more = "") {
  return absl::StrCat(" v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=", selector, ";",
                      more, " h=From:Subject:From; bh=%bh; b=");
}
// Signed puts a signature with |tags| before |message|; "%bh" is the right bh=.
std::string Signed(std::string_view message, std::string_view tags) {
  base::Arena arena;
  mail::MessageReader reader;
  const std::string_view body = reader.Feed(message);
  const Signature asked = ParseSignature(&arena, tags).signature;
  BodyHasher hasher(asked.body_canon, HashAlgorithm::kSha256);
  const std::optional<size_t> cut =
      asked.body_length.has_value() ? hasher.AddCut(*asked.body_length) : std::nullopt;
  hasher.Feed(body);
  hasher.Finish();
  const Digest body_hash = cut.has_value() ? *hasher.cut_digest(*cut) : hasher.digest();
  const std::string text =
      absl::StrCat("DKIM-Signature:",
                   absl::StrReplaceAll(tags, {{"%bh", base::Base64Encode(body_hash.view())}}));
  mail::Field field;
  field.raw = text;
  field.name = field.raw.substr(0, field.raw.find(':'));
  field.value = field.raw.substr(field.name.size() + 1);
  const Digest digest = HashHeader(&arena, asked.header_canon, HashAlgorithm::kSha256,
                                   HeaderIndex(&arena, reader.fields()), asked.signed_names, field,
                                   /*signature_value=*/{});
  return absl::StrCat(text, base::Base64Encode(*Key().Sign(digest)), "\r\n", message);
}

// Host is what a session is to its Verifier.
class Host {
 public:
  explicit Host(const VerifyOptions& options = {})
      : options_(options),
        exchange_(&arena_, &ready_),
        verifier_(options_, &arena_, &ready_, &exchange_, kNow) {}

  void Start(std::string_view message, bool truncated = false) {
    body_ = std::string(reader_.Feed(message));
    reader_.Finish();
    verifier_.Start(reader_.fields(), truncated);
  }
  void End() {
    verifier_.Feed(body_);
    verifier_.EndOfBody();
    ready_.Run();
  }
  std::vector<std::string> TakeQueries() {
    std::vector<std::string> names;
    while (const auto query = exchange_.NextQuery()) {
      names.emplace_back(query->query.name.text());
      open_.push_back(query->id);
    }
    return names;
  }
  // AnswerAll gives |records| to every query, the last first when |reversed|.
  void AnswerAll(const std::vector<std::string>& records, bool reversed = false,
                 bool secure = false) {
    std::vector<std::string> rdata;
    for (const std::string& record : records) rdata.push_back(dns::TxtRdata(record));
    const std::vector<std::string_view> views(rdata.begin(), rdata.end());
    dns::Answer answer(dns::Outcome::kRecords);
    answer.rdata = views;
    answer.dnssec_secure = secure;
    TakeQueries();
    if (reversed) std::reverse(open_.begin(), open_.end());
    for (const dns::QueryId id : open_) EXPECT_TRUE(exchange_.Provide(id, answer).ok());
    open_.clear();
    ready_.Run();
  }
  Verifier& verifier() { return verifier_; }

 private:
  const VerifyOptions options_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  dns::Exchange exchange_;
  mail::MessageReader reader_;
  std::string body_;
  Verifier verifier_;
  std::vector<dns::QueryId> open_;
};

// Verify runs |message| with |records| at every key's name.
std::vector<SignatureReport> Verify(std::string_view message,
                                    const std::vector<std::string>& records,
                                    const VerifyOptions& options = {}) {
  Host host(options);
  host.Start(message);
  host.AnswerAll(records);
  host.End();
  EXPECT_TRUE(host.verifier().done());
  return host.verifier().TakeReports();
}

std::string_view ReasonOf(const SignatureReport& report) { return InfoOf(report.reason).name; }

TEST(VerifierTest, AsksForEachKeyOnceBeforeTheBody) {
  std::string message = Signed(kMessage, Tags("one"));
  message = Signed(message, Tags("two"));
  message = Signed(message, Tags("one"));
  Host host;
  host.Start(message);
  EXPECT_EQ(host.TakeQueries(),
            (std::vector<std::string>{"one._domainkey.example.com", "two._domainkey.example.com"}));
}

TEST(VerifierTest, NeedsBothTheKeysAndTheBody) {
  const std::string message = Signed(kMessage, Tags("s"));
  Host keys_first;
  keys_first.Start(message);
  keys_first.AnswerAll({Record()});
  EXPECT_FALSE(keys_first.verifier().done()) << "the body is not there";
  keys_first.End();
  ASSERT_TRUE(keys_first.verifier().done());
  EXPECT_EQ(ReasonOf(keys_first.verifier().TakeReports().front()), "verified");
  Host body_first;
  body_first.Start(message);
  body_first.End();
  EXPECT_FALSE(body_first.verifier().done()) << "the key is not there";
  body_first.AnswerAll({Record()});
  ASSERT_TRUE(body_first.verifier().done());
  EXPECT_EQ(ReasonOf(body_first.verifier().TakeReports().front()), "verified");
}

TEST(VerifierTest, AMessageWithoutSignaturesIsDoneAtOnce) {
  Host host;
  host.Start(kMessage);
  EXPECT_TRUE(host.TakeQueries().empty());
  EXPECT_TRUE(host.verifier().done());
  host.End();
  EXPECT_TRUE(host.verifier().TakeReports().empty());
  EXPECT_EQ(host.verifier().body_octets(), 7u);
  EXPECT_EQ(host.verifier().body_octets_hashed(), 0u) << "nobody needs the hash";
}

TEST(VerifierTest, ATruncatedHeaderIsNotTried) {
  Host host;
  host.Start(Signed(kMessage, Tags("s")), /*truncated=*/true);
  EXPECT_TRUE(host.TakeQueries().empty());
  host.End();
  EXPECT_EQ(ReasonOf(host.verifier().TakeReports().front()), "header-too-large");
}

TEST(VerifierTest, ReportsStandInTheOrderOfTheFields) {
  std::string message = Signed(kMessage, Tags("low"));
  message = absl::StrCat("DKIM-Signature: v=1\r\n", message);
  message = Signed(message, Tags("high", " i=x@example.com; t=1767225600; x=1767225601;"));
  const std::vector<SignatureReport> reports = Verify(message, {Record()});
  ASSERT_EQ(reports.size(), 3u);
  for (size_t i = 0; i < reports.size(); ++i) EXPECT_EQ(reports[i].position, i);
  EXPECT_EQ(ReasonOf(reports[0]), "verified");
  EXPECT_EQ(reports[0].domain, "example.com");
  EXPECT_EQ(reports[0].identifier, "example.com");
  EXPECT_EQ(reports[0].selector, "high");
  EXPECT_EQ(reports[0].identity, "x@example.com");
  EXPECT_EQ(reports[0].algorithm, "ed25519-sha256");
  EXPECT_EQ(reports[0].canonicalization, "relaxed/relaxed");
  EXPECT_EQ(reports[0].timestamp, 1767225600);
  EXPECT_EQ(reports[0].expiration, 1767225601);
  EXPECT_EQ(reports[0].key_bits, 256);
  EXPECT_EQ(reports[0].canonical_body_octets, 7u);
  EXPECT_EQ(ReasonOf(reports[1]), "missing-tag");
  EXPECT_EQ(reports[1].identifier, "");
  EXPECT_EQ(ReasonOf(reports[2]), "verified");
  EXPECT_EQ(reports[2].selector, "low");
}

TEST(VerifierTest, ThePrefixOfASignatureHasNoFold) {  // RFC 6008 §3
  const std::string message =
      absl::StrCat("DKIM-Signature: v=2; b=AB\r\n\tCD EFGHIJ; d=example.com\r\n", kMessage);
  EXPECT_EQ(Verify(message, {}).front().signature_prefix, "")
      << "what follows a strange v= is not looked into";
  const std::string known = absl::StrReplaceAll(message, {{"v=2", "v=1"}});
  EXPECT_EQ(Verify(known, {}).front().signature_prefix, "ABCDEFGH");
}

TEST(VerifierTest, TriesTheLowestSignatures) {  // RFC 6376 §6.1
  std::string message(kMessage);
  for (int i = 0; i < 3; ++i) message = Signed(message, Tags(absl::StrCat("s", i)));
  VerifyOptions options;
  options.max_signatures = 2;
  const std::vector<SignatureReport> reports = Verify(message, {Record()}, options);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(ReasonOf(reports[0]), "too-many-signatures");
  EXPECT_EQ(ReasonOf(reports[1]), "verified");
  EXPECT_EQ(ReasonOf(reports[2]), "verified");
  options.max_signatures = 0;
  for (const SignatureReport& report : Verify(message, {Record()}, options)) {
    EXPECT_EQ(ReasonOf(report), "too-many-signatures");
  }
}

TEST(VerifierTest, TriesSoManyKeyRecords) {  // RFC 6376 §3.6.2.2
  const std::string message = Signed(kMessage, Tags("s"));
  VerifyOptions options;
  options.max_key_records = 2;
  const std::string other(kOtherRecord);
  EXPECT_EQ(ReasonOf(Verify(message, {other, Record()}, options).front()), "verified");
  EXPECT_EQ(ReasonOf(Verify(message, {other, other, Record()}, options).front()),
            "signature-mismatch");
}

TEST(VerifierTest, ServesSoManyLengths) {
  VerifyOptions options;
  options.max_signatures = BodyHasher::kMaxCuts + 1;
  options.allow_partial_body = true;
  std::string message =
      "From: a@example.com\r\nSubject: hi\r\n\r\n" + std::string(100, 'x') + "\r\n";
  for (size_t i = 0; i <= BodyHasher::kMaxCuts; ++i) {
    message = Signed(message, Tags("s", absl::StrCat(" l=", i + 1, ";")));
  }
  const std::vector<SignatureReport> reports = Verify(message, {Record()}, options);
  ASSERT_EQ(reports.size(), BodyHasher::kMaxCuts + 1);
  for (size_t i = 0; i < BodyHasher::kMaxCuts; ++i) EXPECT_EQ(ReasonOf(reports[i]), "verified");
  EXPECT_EQ(ReasonOf(reports.back()), "too-many-signatures") << "no seventeenth l=";
}

TEST(VerifierTest, HashesOnceForEachForm) {
  std::string message = Signed(kMessage, Tags("s"));
  message = Signed(message, Tags("s"));
  message = Signed(message, Tags("s", " l=7;"));
  message = Signed(message, absl::StrReplaceAll(Tags("s"), {{"relaxed/relaxed", "relaxed"}}));
  Host host;
  host.Start(message);
  host.AnswerAll({Record()});
  host.End();
  EXPECT_EQ(host.verifier().body_octets(), 7u);
  EXPECT_EQ(host.verifier().body_octets_hashed(), 14u) << "relaxed and simple";
  EXPECT_EQ(host.verifier().public_key_operations(), 4u);
}

TEST(VerifierTest, BoundsThePublicKeyOperations) {
  std::string message = Signed(kMessage, Tags("s"));
  message = Signed(message, Tags("s"));
  for (const bool diagnose : {false, true}) {
    VerifyOptions options;
    options.max_public_key_operations = 1;
    options.diagnose = diagnose;
    Host good(options);
    good.Start(message);
    good.AnswerAll({Record()});
    good.End();
    EXPECT_EQ(good.verifier().public_key_operations(), 1u);
    const std::vector<SignatureReport> reports = good.verifier().TakeReports();
    EXPECT_EQ(ReasonOf(reports[0]), "verified");
    EXPECT_EQ(ReasonOf(reports[1]), "too-many-signatures") << "n + 1";
    // What diagnosis costs is bounded and counted as well.
    Host bad(options);
    bad.Start(absl::StrReplaceAll(message, {{"Subject: hi", "Subject: ho"}}));
    bad.AnswerAll({Record(), Record(), Record(), Record()});
    bad.End();
    EXPECT_EQ(bad.verifier().public_key_operations(), 1u);
  }
}

TEST(VerifierTest, SpendsInTheOrderOfTheFieldsWhateverThatOfTheAnswers) {
  const std::string message = Signed(Signed(kMessage, Tags("s")), Tags("t"));
  VerifyOptions options;
  options.max_public_key_operations = 1;
  for (const bool reversed : {false, true}) {
    Host host(options);
    host.Start(message);
    host.End();
    EXPECT_FALSE(host.verifier().done());
    host.AnswerAll({Record()}, reversed);
    ASSERT_TRUE(host.verifier().done());
    const std::vector<SignatureReport> reports = host.verifier().TakeReports();
    EXPECT_EQ(ReasonOf(reports[0]), "verified") << reversed;
    EXPECT_EQ(ReasonOf(reports[1]), "too-many-signatures") << reversed;
  }
}

TEST(VerifierTest, CountsWhatDiagnosisCosts) {
  VerifyOptions options;
  options.diagnose = true;
  Host host(options);
  host.Start(absl::StrReplaceAll(Signed(kMessage, Tags("s")), {{"Subject: hi", "Subject: ho"}}));
  host.AnswerAll({Record()});
  host.End();
  EXPECT_EQ(host.verifier().public_key_operations(), 2u) << "the signature, and its other form";
}

TEST(VerifierTest, ASignatureThatPassesHasNoHints) {
  VerifyOptions options;
  options.diagnose = true;
  // z= says something else, which counts for nothing when the signature verifies.
  const std::string message = Signed(kMessage, Tags("s", " z=Subject:other;"));
  const std::string other(kOtherRecord);
  const SignatureReport report = Verify(message, {other, Record()}, options).front();
  EXPECT_EQ(ReasonOf(report), "verified");
  EXPECT_TRUE(report.hints.empty()) << "what the first record did not verify is no matter";
  const SignatureReport failed =
      Verify(absl::StrReplaceAll(message, {{"Subject: hi", "Subject: ho"}}),
             {other, other, Record()}, options)
          .front();
  EXPECT_EQ(ReasonOf(failed), "signature-mismatch");
  EXPECT_EQ(failed.hints.size(), 1u) << "one hint for one field, however many records";
}

TEST(VerifierTest, AddedSingletonsAreNoted) {  // RFC 6376 §8.15
  const std::string message = absl::StrCat("subject: other\r\n", Signed(kMessage, Tags("s")));
  const SignatureReport report = Verify(message, {Record()}).front();
  EXPECT_EQ(report.result, base::Result::kPass);
  EXPECT_EQ(report.uncovered_fields, (std::vector<std::string_view>{"Subject"}));
}

// RFC 6376 §5.4.1 names the core of a message. What of it is not signed may have been
// added by anybody.
TEST(VerifierTest, EveryCoreFieldThatIsNotSignedIsNoted) {
  const std::string message = Signed(kMessage, Tags("s"));
  for (const std::string_view name : kCoreFields) {
    if (name == "From" || name == "Subject") continue;
    const SignatureReport report =
        Verify(absl::StrCat(name, ": x\r\n", message), {Record()}).front();
    EXPECT_EQ(report.result, base::Result::kPass) << name;
    EXPECT_EQ(report.uncovered_fields, std::vector<std::string_view>{name});
  }
  const SignatureReport other =
      Verify(absl::StrCat("X-Own: x\r\nReceived: x\r\nX-Own: y\r\n", message), {Record()}).front();
  EXPECT_TRUE(other.uncovered_fields.empty()) << "no part of the core";
}

TEST(VerifierTest, ReportsWhatTheSignatureAndTheKeySay) {
  const std::string message = Signed(kMessage, Tags("s", " t=1767225500; x=1767312000; l=7;"));
  VerifyOptions options;
  options.allow_partial_body = true;
  const SignatureReport report = Verify(message, {Record() + "; t=y"}, options).front();
  EXPECT_EQ(ReasonOf(report), "verified");
  EXPECT_EQ(report.timestamp, 1767225500);
  EXPECT_EQ(report.expiration, 1767312000);
  EXPECT_EQ(report.body_length, 7u);
  EXPECT_TRUE(report.testing);
  EXPECT_FALSE(report.key_secure);
}

TEST(VerifierTest, SaysWhetherTheKeyWasValidated) {  // RFC 6376 §8.5
  Host host;
  host.Start(Signed(kMessage, Tags("s")));
  host.AnswerAll({Record()}, /*reversed=*/false, /*secure=*/true);
  host.End();
  EXPECT_TRUE(host.verifier().TakeReports().front().key_secure);
}

// The reason of the record that came nearest to verifying, in any order of the records.
TEST(VerifierTest, TheNearestRecordGivesTheReason) {
  // From the farthest to the nearest.
  const std::string kRecords[] = {
      "p=AAAA; p=AAAA",         Record() + "; s=tlsrpt",  Record() + "; h=sha1",
      "v=DKIM1; k=ed25519; p=", "v=DKIM1; k=rsa; p=AAAA", std::string(kOtherRecord),
  };
  const std::string message = Signed(kMessage, Tags("s"));
  std::string_view before;
  for (size_t i = 0; i < std::size(kRecords); ++i) {
    const std::string_view reason = ReasonOf(Verify(message, {kRecords[i]}).front());
    EXPECT_NE(reason, "verified");
    EXPECT_NE(reason, before) << i;
    for (size_t k = 0; k < i; ++k) {
      EXPECT_EQ(ReasonOf(Verify(message, {kRecords[i], kRecords[k]}).front()), reason) << i << k;
      EXPECT_EQ(ReasonOf(Verify(message, {kRecords[k], kRecords[i]}).front()), reason) << i << k;
    }
    before = reason;
  }
}

}  // namespace
}  // namespace postseal::dkim
