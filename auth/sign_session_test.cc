#include "auth/sign_session.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "base/arena.h"
#include "base/result.h"
#include "dkim/algorithm.h"
#include "dkim/reason.h"
#include "dkim/sign.h"
#include "dkim/signature.h"
#include "dkim/signer.h"
#include "dkim/signing_key.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"
#include "testing/forge.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage =
    "From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello\r\n";

std::shared_ptr<const dkim::SigningKey> Key(const std::string& name) {
  return *dkim::SigningKey::FromPem(testing::ReadTestFile("testdata/keys/" + name + ".pem"));
}

// Job signs for example.com with the key |name| of testdata/keys as selector.
SigningJob Job(const std::string& name) {
  SigningJob job;
  job.request.domain = "example.com";
  job.request.selector = name;
  job.signer = Key(name);
  job.request.algorithm = job.signer->key_type() == dkim::KeyType::kRsa
                              ? dkim::SignatureAlgorithm::kRsaSha256
                              : dkim::SignatureAlgorithm::kEd25519Sha256;
  return job;
}

std::shared_ptr<const SignOptions> With(std::vector<SigningJob> jobs) {
  auto options = std::make_shared<SignOptions>();
  options->jobs = std::move(jobs);
  return options;
}

// Ended is a session that has read |message|.
std::unique_ptr<SignSession> Ended(std::vector<SigningJob> jobs, std::string_view message) {
  auto session = *SignSession::Create(With(std::move(jobs)), kNow);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  return session;
}

std::string SignLocally(std::vector<SigningJob> jobs, std::string_view message) {
  const auto session = Ended(std::move(jobs), message);
  EXPECT_EQ(session->fault(), dkim::SignFault::kNone);
  const absl::Status status = session->SignLocally();
  EXPECT_TRUE(status.ok()) << status;
  return session->fields().value_or("");
}

// Verdicts are the results of |message|, as "pass verified, ...".
std::string Verdicts(std::string_view message) {
  static const std::string zone = testing::ReadTestFile("testdata/keys/rsa1024.txt") +
                                  testing::ReadTestFile("testdata/keys/rsa2048.txt") +
                                  testing::ReadTestFile("testdata/keys/ed25519.txt");
  dns::ZoneResolver resolver;
  EXPECT_TRUE(resolver.AddText("$ORIGIN example.com.\n" + zone, "keys").ok());
  auto session = *VerifySession::Create(std::make_shared<Options>(), Envelope(), kNow);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  std::string all;
  for (const auto& signature : session->report().dkim) {
    absl::StrAppend(&all, all.empty() ? "" : ", ", base::ResultName(signature.result), " ",
                    dkim::InfoOf(signature.reason).name);
  }
  return all;
}

// Parsed is the first DKIM-Signature of |fields|; its texts live in |arena|.
dkim::Signature Parsed(base::Arena* arena, std::string_view fields) {
  mail::MessageReader reader;
  reader.Feed(absl::StrCat(fields, "\r\n"));
  const dkim::ParsedSignature parsed =
      dkim::ParseSignature(arena, arena->Copy(reader.fields().front().value));
  EXPECT_FALSE(parsed.fault.has_value()) << fields;
  return parsed.signature;
}

std::string JoinNames(const dkim::Signature& signature) {
  std::string names;
  for (const std::string_view name : signature.signed_names) {
    absl::StrAppend(&names, names.empty() ? "" : ":", name);
  }
  return names;
}

TEST(SignSessionTest, SeveralKeysSignInOnePass) {
  const std::string fields =
      SignLocally({Job("rsa2048"), Job("ed25519"), Job("rsa1024")}, kMessage);
  EXPECT_EQ(Verdicts(absl::StrCat(fields, kMessage)),
            "pass verified, pass verified, pass verified");
  base::Arena arena;
  EXPECT_EQ(Parsed(&arena, fields).selector_text, "rsa2048") << "in the order of the jobs";
}

TEST(SignSessionTest, EveryCanonicalizationOfAwkwardMessages) {
  const struct {
    const char* name;
    std::string text;
  } messages[] = {
      {"plain", std::string(kMessage)},
      {"empty body", "From: a@example.com\r\n\r\n"},
      {"no blank line", "From: a@example.com\r\n"},
      {"no line end at all", "From: a@example.com"},
      {"no final CRLF", "From: a@example.com\r\n\r\nHello"},
      {"trailing blank lines", "From: a@example.com\r\n\r\nHello\r\n\r\n \r\n\r\n"},
      {"only blank lines", "From: a@example.com\r\n\r\n\r\n\r\n"},
      {"only white space", "From: a@example.com\r\n\r\n \t "},
      {"folded and tabbed", "From:\ta@example.com\r\nSubject:\r\n\t a \t b\r\n  c \r\n\r\nx\r\n"},
      {"empty values", "From: a@example.com\r\nSubject:\r\nTo: \r\nCc:\t\r\n\r\nx\r\n"},
      {"duplicates", "From: a@example.com\r\nTo: 1\r\nto: 2\r\nTO : 3\r\n\r\nx\r\n"},
      {"long line", "From: a@example.com\r\n\r\n" + std::string(998, 'x') + "\r\n"},
      {"very long line", "From: a@example.com\r\n\r\n" + std::string(100000, ' ') + "x\r\n"},
      {"eight bits", "From: a@example.com\r\nSubject: \xff\xfe\r\n\r\n\x80\xff\r\n"},
      {"NUL", "From: a@example.com\r\nSubject: " + std::string(1, '\0') + "x\r\n\r\n" +
                  std::string(1, '\0') + "\r\n"},
      {"bare CR and LF", "From: a@example.com\r\nSubject: a\rb\nc\r\n\r\n\r\rx\n\n\r\r\n"},
      {"a body that looks like a header", "From: a@example.com\r\n\r\nFrom: b@example.com\r\n"},
      {"a line without a colon", "From: a@example.com\r\nnonsense\r\nTo: x\r\n\r\nx\r\n"},
  };
  for (const auto header : {dkim::HeaderCanon::kSimple, dkim::HeaderCanon::kRelaxed}) {
    for (const auto body : {dkim::BodyCanon::kSimple, dkim::BodyCanon::kRelaxed}) {
      for (const auto& message : messages) {
        SigningJob job = Job("ed25519");
        job.request.header_canon = header;
        job.request.body_canon = body;
        const std::string fields = SignLocally({job}, message.text);
        EXPECT_EQ(Verdicts(fields + message.text), "pass verified")
            << message.name << " " << dkim::Name(header) << "/" << dkim::Name(body);
      }
    }
  }
}

TEST(SignSessionTest, AnyChangeOfWhatIsSignedFails) {
  const std::string message = SignLocally({Job("ed25519")}, kMessage) + std::string(kMessage);
  const size_t header = message.find("From: a@");
  for (size_t i = header; i < message.size(); ++i) {
    // White space at line ends is what relaxed does not see.
    if (message[i] == '\r' || message[i] == '\n' || message[i] == ' ') continue;
    std::string changed = message;
    changed[i] ^= 0x01;
    EXPECT_EQ(Verdicts(changed).find("pass"), std::string::npos) << "octet " << i;
  }
}

TEST(SignSessionTest, TagsAreThoseAskedFor) {
  SigningJob job = Job("ed25519");
  job.request.identity = "\"J\xc3\xb6 e;\"@sub.example.com";
  job.request.expires_in_seconds = 3600;
  job.request.copy_fields = true;
  base::Arena arena;
  const std::string fields = SignLocally({job}, kMessage);
  const dkim::Signature signature = Parsed(&arena, fields);
  EXPECT_EQ(signature.domain_text, "example.com");
  EXPECT_EQ(signature.identity, "\"J\xc3\xb6 e;\"@sub.example.com");
  EXPECT_EQ(signature.timestamp, kNow);
  EXPECT_EQ(signature.expiration, kNow + 3600);
  EXPECT_FALSE(signature.body_length.has_value()) << "l= is never made";
  ASSERT_TRUE(signature.copied_fields.has_value());
  EXPECT_EQ(dkim::DecodeQuotedPrintable(&arena, *signature.copied_fields),
            "From: a@example.com|To: b@example.net|Subject: hi");
  EXPECT_EQ(Verdicts(fields + std::string(kMessage)), "pass verified");

  job.request.with_timestamp = false;
  job.request.expires_in_seconds.reset();
  const dkim::Signature bare = Parsed(&arena, SignLocally({job}, kMessage));
  EXPECT_FALSE(bare.timestamp.has_value());
  EXPECT_FALSE(bare.expiration.has_value());
}

TEST(SignSessionTest, DefaultFieldsThatNobodyCanAdd) {  // RFC 6376 §5.4, §8.15
  const std::string message =
      "Received: x\r\nSender: s@example.com\r\nfrom: a@example.com\r\nX-Own: 1\r\n"
      "List-Id: <l.example>\r\nSubject: hi\r\nReturn-Path: <>\r\n\r\nx\r\n";
  base::Arena arena;
  EXPECT_EQ(JoinNames(Parsed(&arena, SignLocally({Job("ed25519")}, message))),
            "Sender:From:List-Id:Subject:From:Reply-To:Cc:MIME-Version:Content-Type:"
            "Content-Transfer-Encoding:Subject");
}

TEST(SignSessionTest, WhatListsAddBreaksNothing) {  // RFC 6376 §5.4
  base::Arena arena;
  const std::string message = SignLocally({Job("ed25519")}, kMessage) + std::string(kMessage);
  EXPECT_EQ(Verdicts("Sender: l@list.example\r\nList-Id: <l.list.example>\r\n"
                     "List-Unsubscribe: <https://list.example/u>\r\n" +
                     message),
            "pass verified");
  for (const std::string_view name : {"From", "Reply-To", "Cc", "MIME-Version", "Content-Type",
                                      "Content-Transfer-Encoding", "Subject", "To"}) {
    EXPECT_EQ(Verdicts(absl::StrCat(name, ": x\r\n", message)), "fail signature-mismatch") << name;
  }
}

TEST(SignSessionTest, ChosenFieldsAreExactlyThose) {
  SigningJob job = Job("ed25519");
  job.request.fields = dkim::FieldSelection();
  job.request.fields.sign = {"From", "X-Own", "To"};
  job.request.fields.oversign = {"Reply-To"};
  const std::string message = "To: 1\r\nFrom: a@example.com\r\nTo: 2\r\nSubject: hi\r\n\r\nx\r\n";
  base::Arena arena;
  const std::string fields = SignLocally({job}, message);
  EXPECT_EQ(JoinNames(Parsed(&arena, fields)), "To:From:To:Reply-To");
  EXPECT_EQ(Verdicts("Reply-To: evil@example.net\r\n" + fields + message),
            "fail signature-mismatch");
}

TEST(SignSessionTest, FieldsFoldBeforeColumn78) {  // RFC 5322 §2.1.1
  SigningJob job = Job("rsa2048");
  job.request.copy_fields = true;
  std::string_view rest;
  const std::string fields = SignLocally({job}, kMessage);
  for (rest = fields; !rest.empty();) {
    const size_t end = rest.find("\r\n");
    ASSERT_NE(end, rest.npos);
    EXPECT_LE(end, 78u) << rest.substr(0, end);
    rest.remove_prefix(end + 2);
  }
}

TEST(SignSessionTest, ExternalSignaturesComeByRequestAndAnswer) {
  SigningJob outside = Job("rsa2048");
  outside.signer = nullptr;
  const auto session = Ended({outside, Job("ed25519")}, kMessage);
  EXPECT_TRUE(session->SignLocally().ok()) << "signs what it can";
  EXPECT_FALSE(session->done());
  EXPECT_TRUE(absl::IsFailedPrecondition(session->fields().status()));
  const auto pending = session->NextSignature();
  ASSERT_TRUE(pending.has_value());
  EXPECT_FALSE(session->NextSignature().has_value()) << "each once";
  EXPECT_EQ(pending->algorithm, dkim::SignatureAlgorithm::kRsaSha256);
  ASSERT_TRUE(session->ProvideSignature(pending->id, *Key("rsa2048")->Sign(pending->digest)).ok());
  ASSERT_TRUE(session->done());
  EXPECT_EQ(Verdicts(absl::StrCat(*session->fields(), kMessage)), "pass verified, pass verified");
}

TEST(SignSessionTest, AFailedKeyLeavesTheOthers) {
  SigningJob outside = Job("rsa2048");
  outside.signer = nullptr;
  const auto session = Ended({outside, Job("ed25519")}, kMessage);
  ASSERT_TRUE(session->FailSignature(session->NextSignature()->id).ok());
  EXPECT_TRUE(session->SignLocally().ok());
  EXPECT_EQ(Verdicts(absl::StrCat(*session->fields(), kMessage)), "pass verified");

  class Broken : public dkim::Signer {
   public:
    dkim::KeyType key_type() const override { return dkim::KeyType::kRsa; }
    int bits() const override { return 2048; }
    absl::StatusOr<std::string> Sign(const dkim::Digest&) const override {
      return absl::UnavailableError("the token was pulled");
    }
  };
  SigningJob broken = Job("rsa2048");
  broken.signer = std::make_shared<Broken>();
  const auto other = Ended({broken, Job("ed25519")}, kMessage);
  EXPECT_TRUE(absl::IsUnavailable(other->SignLocally()));
  EXPECT_TRUE(other->done());
  EXPECT_EQ(Verdicts(absl::StrCat(*other->fields(), kMessage)), "pass verified");
}

TEST(SignSessionTest, MisuseIsAStatus) {
  EXPECT_TRUE(absl::IsInvalidArgument(SignSession::Create(nullptr, kNow).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SignSession::Create(With({}), kNow).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(SignSession::Create(With({Job("ed25519")}), -1).status()));
  EXPECT_TRUE(SignSession::Create(With({Job("ed25519")}), kMaxNow).ok());
  EXPECT_TRUE(
      absl::IsInvalidArgument(SignSession::Create(With({Job("ed25519")}), kMaxNow + 1).status()));
  EXPECT_TRUE(SignSession::Create(With(std::vector(kMaxKeys, Job("ed25519"))), kNow).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      SignSession::Create(With(std::vector(kMaxKeys + 1, Job("ed25519"))), kNow).status()));
  SigningJob mismatch = Job("ed25519");
  mismatch.request.algorithm = dkim::SignatureAlgorithm::kRsaSha256;
  EXPECT_TRUE(absl::IsInvalidArgument(SignSession::Create(With({mismatch}), kNow).status()));

  const auto session = *SignSession::Create(With({Job("ed25519")}), kNow);
  EXPECT_FALSE(session->NextSignature().has_value()) << "too early";
  EXPECT_TRUE(absl::IsFailedPrecondition(session->SignLocally())) << "too early";
  EXPECT_TRUE(absl::IsNotFound(session->ProvideSignature(0, "x")));
  EXPECT_TRUE(session->Feed(kMessage).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(session->Feed("x")));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->EndOfMessage()));
  EXPECT_TRUE(absl::IsNotFound(session->ProvideSignature(0, "x"))) << "not handed out";
  const auto pending = session->NextSignature();
  EXPECT_TRUE(absl::IsNotFound(session->ProvideSignature(7, "x")));
  EXPECT_TRUE(absl::IsInvalidArgument(session->ProvideSignature(pending->id, "")));
  EXPECT_TRUE(
      absl::IsInvalidArgument(session->ProvideSignature(pending->id, std::string(63, 'x'))));
  EXPECT_TRUE(session->ProvideSignature(pending->id, std::string(64, 'x')).ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(session->ProvideSignature(pending->id, std::string(64, 'x'))));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->FailSignature(pending->id)));
}

TEST(SignSessionTest, SizesOfRsaSignaturesAreBounded) {
  SigningJob outside = Job("rsa2048");
  outside.signer = nullptr;
  for (const size_t extra : {0, 1}) {
    const auto session = Ended({outside}, kMessage);
    const auto pending = session->NextSignature();
    EXPECT_EQ(
        session->ProvideSignature(pending->id, std::string(kMaxSignatureOctets + extra, 'x')).ok(),
        extra == 0);
  }
}

TEST(SignSessionTest, SomeMessagesCannotBeSigned) {
  const struct {
    const char* name;
    std::string message;
    dkim::SignFault fault;
  } cases[] = {
      {"no From", "To: x\r\n\r\nx\r\n", dkim::SignFault::kNoFrom},
      {"nothing", "", dkim::SignFault::kNoFrom},
      {"a first line that would continue our field", " ; x=1\r\nFrom: a\r\n\r\n",
       dkim::SignFault::kBadFirstLine},
      {"a mailbox file", "From a Thu Jan  1 00:00:00 2026\r\nFrom: a\r\n\r\n",
       dkim::SignFault::kBadFirstLine},
      {"two From", "From: a\r\nFrom: b\r\n\r\nx\r\n", dkim::SignFault::kSeveralFrom},
      {"a second From in obsolete form", "From: a\r\nfrom : b\r\n\r\nx\r\n",
       dkim::SignFault::kSeveralFrom},
      {"too large", "From: a\r\nX: " + std::string(600 * 1024, 'x') + "\r\n\r\nx\r\n",
       dkim::SignFault::kHeaderTooLarge},
  };
  for (const auto& c : cases) {
    const auto session = Ended({Job("ed25519")}, c.message);
    EXPECT_EQ(session->fault(), c.fault) << c.name;
    EXPECT_FALSE(session->NextSignature().has_value()) << c.name;
    EXPECT_TRUE(absl::IsFailedPrecondition(session->SignLocally())) << c.name;
    EXPECT_TRUE(session->done()) << c.name;
    EXPECT_TRUE(absl::IsFailedPrecondition(session->fields().status())) << c.name;
  }
  // h= holds the fields and one From more.
  for (const size_t extra : {0, 1}) {
    std::string message = "From: a\r\n";
    for (size_t i = 0; i < dkim::kMaxSignedNames - 2 + extra; ++i) message += "List-Id: x\r\n";
    EXPECT_EQ(Ended({Job("ed25519")}, message)->fault(),
              extra == 0 ? dkim::SignFault::kNone : dkim::SignFault::kTooManyNames);
  }
}

TEST(SignSessionTest, RequestsAreChecked) {
  const auto check = [](auto change) {
    SigningJob job = Job("ed25519");
    change(&job.request);
    return dkim::CheckRequest(job.request).ok();
  };
  using Request = dkim::SignatureRequest;
  EXPECT_TRUE(check([](Request*) {}));
  EXPECT_FALSE(check([](Request* r) { r->domain = ""; }));
  EXPECT_FALSE(check([](Request* r) { r->domain = "com"; }));
  EXPECT_FALSE(check([](Request* r) { r->domain = "example.com; l=0"; }));
  EXPECT_FALSE(check([](Request* r) { r->domain = "example.com\r\nX: y"; }));
  EXPECT_TRUE(check([](Request* r) {
    r->domain =
        "b\xc3\xbc"
        "cher.example";
  }));
  EXPECT_FALSE(check([](Request* r) { r->selector = ""; }));
  EXPECT_FALSE(check([](Request* r) { r->selector = "a/b"; }));
  EXPECT_FALSE(check([](Request* r) { r->selector = std::string(64, 'a'); }));
  EXPECT_FALSE(check([](Request* r) { r->algorithm = dkim::SignatureAlgorithm::kRsaSha1; }));
  EXPECT_FALSE(check([](Request* r) { r->expires_in_seconds = 0; }));
  EXPECT_TRUE(check([](Request* r) { r->expires_in_seconds = 1; }));
  EXPECT_FALSE(check([](Request* r) { r->identity = "a@example.net"; }));
  EXPECT_FALSE(check([](Request* r) { r->identity = "example.com"; }));
  EXPECT_FALSE(check([](Request* r) { r->identity = "a b@example.com"; }));
  EXPECT_FALSE(check([](Request* r) { r->identity = "a@b@example.com"; }));
  EXPECT_TRUE(check([](Request* r) { r->identity = "@a.example.com"; }));
  EXPECT_FALSE(check([](Request* r) { r->fields.sign = {"a b"}; }));
  EXPECT_FALSE(check([](Request* r) { r->fields.sign = {"a:b"}; }));
  EXPECT_FALSE(check([](Request* r) { r->fields.sign = {"DKIM-Signature"}; }));
  EXPECT_FALSE(check([](Request* r) { r->fields.oversign = {"Subject"}; })) << "no From";
}

}  // namespace
}  // namespace postseal::auth
