#include "dkim/diagnosis.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "base/base64.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/public_key.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dkim/signing_key.h"
#include "dkim/testdata.h"
#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

std::string Codes(const std::vector<Hint>& hints) {
  return absl::StrJoin(hints, ",",
                       [](std::string* out, const Hint& hint) { absl::StrAppend(out, hint.code); });
}

// BodyHints says what is found out about |body| when the signer hashed |hashed|,
// canonical octets, and wrote |canon| and |length|. |cut| is where the body is cut.
std::vector<Hint> BodyHints(std::string_view body, std::string_view hashed, BodyCanon canon,
                            std::optional<uint64_t> length = {}, size_t cut = 0) {
  const Digest digest = Sha256(hashed);
  Signature signature;
  signature.algorithm = SignatureAlgorithm::kRsaSha256;
  signature.body_canon = canon;
  signature.body_length = length;
  signature.body_hash = digest.view();
  BodyDiagnosis diagnosis;
  diagnosis.Expect(signature);
  diagnosis.Feed(body.substr(0, cut));
  diagnosis.Feed(body.substr(cut));
  diagnosis.Finish();
  std::vector<Hint> hints;
  diagnosis.Explain(signature, &hints);
  return hints;
}

constexpr BodyCanon kSimple = BodyCanon::kSimple;
constexpr BodyCanon kRelaxed = BodyCanon::kRelaxed;
constexpr HeaderCanon kSimpleHeader = HeaderCanon::kSimple;

struct BodyCase {
  std::string_view body;
  std::string_view hashed;
  BodyCanon canon;
  std::optional<uint64_t> length;
  std::string_view codes;
  const char* why;
};

constexpr BodyCase kBodyCases[] = {
    {"a  b \r\n\r\n", "a b\r\n", kRelaxed, {}, "", "the body that was signed"},
    {"a  b \r\n\r\n", "a  b \r\n", kSimple, {}, "", "in the other form, too"},
    {"a  b \r\n", "a b\r\n", kSimple, {}, "body-canonicalization", "c= should say relaxed"},
    {"a  b \r\n", "a  b \r\n", kRelaxed, {}, "body-canonicalization", "c= should say simple"},
    {"a\r\n-- \r\nlist\r\n", "a\r\n", kRelaxed, {}, "trailing-text", "a footer"},
    {"a  b\r\n-- \r\nlist\r\n", "a  b\r\n", kSimple, {}, "trailing-text", "a footer"},
    {"a \r\n\r\nlist\r\n", "a \r\n", kSimple, {}, "trailing-text", "a footer after a blank line"},
    {"a  b\r\nlist\r\n",
     "a b\r\n",
     kSimple,
     {},
     "body-canonicalization,trailing-text",
     "two things at once"},
    {"a \nb\n", "a \r\nb\r\n", kSimple, {}, "line-ends", "LF for CRLF"},
    {"a\rb\r", "a\r\nb\r\n", kRelaxed, {}, "line-ends", "CR for CRLF"},
    {"a \r\nb\n", "a \r\nb\r\n", kSimple, {}, "line-ends", "some of them"},
    {"a \nb\nlist\n", "a \r\nb\r\n", kSimple, {}, "line-ends,trailing-text", "and a footer"},
    {"a\tb\r\n", "a\tb\r\n", kSimple, 5, "", "l= is right"},
    {"a\tb\r\n", "a\tb\r\n", kSimple, 6, "body-length", "l= is more than was hashed"},
    {"a\r\nb\r\n", "a\r\n", kRelaxed, 5, "body-length", "l= is more, within the body"},
    {"a\r\nb\r\n", "a\r\nb\r\n", kRelaxed, 3, "body-length", "l= is less"},
    {"a\r\nb\r\n", "a\r\nx\r\n", kSimple, {}, "", "other text"},
    {"a\r\n", "a\r\nb\r\n", kSimple, {}, "", "what is missing cannot be guessed"},
    {"x\r\na\r\n", "a\r\n", kSimple, {}, "", "nor what was put before it"},
};

TEST(BodyDiagnosisTest, NamesWhatWasDoneToTheBody) {
  for (const BodyCase& c : kBodyCases) {
    EXPECT_EQ(Codes(BodyHints(c.body, c.hashed, c.canon, c.length)), c.codes) << c.why;
  }
}

TEST(BodyDiagnosisTest, CutsOfTheBodyShowNowhere) {
  for (const BodyCase& c : kBodyCases) {
    for (size_t cut = 0; cut <= c.body.size(); ++cut) {
      EXPECT_EQ(Codes(BodyHints(c.body, c.hashed, c.canon, c.length, cut)), c.codes)
          << c.why << ", cut at " << cut;
    }
  }
}

TEST(BodyDiagnosisTest, ABodyThatReadsAlikeInBothFormsWasSignedInTheRightOne) {
  for (const BodyCanon canon : {kSimple, kRelaxed}) {
    EXPECT_EQ(Codes(BodyHints("a\r\nlist\r\n", "a\r\n", canon)), "trailing-text");
    EXPECT_EQ(Codes(BodyHints("a\nb\n", "a\r\nb\r\n", canon)), "line-ends");
    EXPECT_EQ(Codes(BodyHints("a\r\nb\r\n", "a\r\n", canon, 5)), "body-length");
    EXPECT_EQ(Codes(BodyHints("a\r\nb\r\n", "a\r\nb\r\n", canon)), "");
  }
}

TEST(BodyDiagnosisTest, SaysHowMuchWasAdded) {
  const std::vector<Hint> hints = BodyHints("a\r\nlist\r\n", "a\r\n", kRelaxed);
  ASSERT_EQ(hints.size(), 1u);
  EXPECT_NE(hints[0].text.find("first 3 octets"), std::string::npos) << hints[0].text;
  EXPECT_NE(hints[0].text.find("6 octets were added"), std::string::npos) << hints[0].text;
}

TEST(BodyDiagnosisTest, DamageHasNoName) {
  constexpr std::string_view kBody =
      "Dear  all,\r\n\r\n  the meeting is at noon.\r\nBring the figures.\r\n\r\nSee you\r\n";
  std::mt19937 random(20260201);
  for (int round = 0; round < 500; ++round) {
    std::string damaged(kBody);
    // A letter of the last line that was signed is changed, and maybe another.
    for (int i = 0; i < 1 + round % 3; ++i) {
      char& letter = damaged[i == 0 ? damaged.size() - 3 : random() % damaged.size()];
      letter = static_cast<char>('0' + random() % 10);
    }
    for (const BodyCanon canon : {kSimple, kRelaxed}) {
      ASSERT_EQ(Codes(BodyHints(damaged, kBody, canon)), "") << damaged;
    }
  }
}

TEST(BodyDiagnosisTest, BoundsTheHashesLookedFor) {
  std::vector<Digest> digests;
  std::string body;
  for (size_t i = 0; i <= BodyDiagnosis::kMaxExpected; ++i) {
    absl::StrAppend(&body, "line\r\n");
    digests.push_back(Sha256(body));
  }
  absl::StrAppend(&body, "list\r\n");
  BodyDiagnosis diagnosis;
  Signature signature;
  signature.algorithm = SignatureAlgorithm::kRsaSha256;
  signature.body_canon = kRelaxed;
  for (const Digest& digest : digests) {
    signature.body_hash = digest.view();
    diagnosis.Expect(signature);
    diagnosis.Expect(signature);  // the same again takes no place
  }
  diagnosis.Feed(body);
  diagnosis.Finish();
  for (size_t i = 0; i < digests.size(); ++i) {
    signature.body_hash = digests[i].view();
    std::vector<Hint> hints;
    diagnosis.Explain(signature, &hints);
    EXPECT_EQ(Codes(hints), i < BodyDiagnosis::kMaxExpected ? "trailing-text" : "") << i;
  }
}

TEST(BodyDiagnosisTest, BoundsTheLinesComparedAt) {
  std::string body;
  for (size_t i = 0; i < BodyDiagnosis::kMaxCompares; ++i) body += "x\r\n";
  EXPECT_EQ(Codes(BodyHints(body + "list\r\n", body, kRelaxed)), "trailing-text");
  body += "x\r\n";
  EXPECT_EQ(Codes(BodyHints(body + "list\r\n", body, kRelaxed)), "") << "n + 1";
  EXPECT_EQ(Codes(BodyHints(body + " y  z\r\n", body + " y  z\r\n", kRelaxed)),
            "body-canonicalization")
      << "the end of the body is always one";
}

TEST(BodyDiagnosisTest, Sha1IsNotLookedFor) {
  Signature signature;
  signature.algorithm = SignatureAlgorithm::kRsaSha1;
  const Digest digest = Sha256("a\r\n");
  signature.body_hash = digest.view();
  BodyDiagnosis diagnosis;
  diagnosis.Expect(signature);
  diagnosis.Feed("a\r\nb\r\n");
  diagnosis.Finish();
  std::vector<Hint> hints;
  diagnosis.Explain(signature, &hints);
  EXPECT_EQ(Codes(hints), "");
}

class HeaderDiagnosisTest : public ::testing::Test {
 protected:
  HeaderDiagnosisTest()
      : key_(*SigningKey::FromPem(ReadTestdata("keys/ed25519.pem"))),
        public_key_(std::get<PublicKey>(
            PublicKey::Parse(KeyType::kEd25519, *base::Base64Decode(key_->public_key_base64())))) {}

  // Hints is what is found out about |header|, whose first field says |tags| and
  // is signed in the form |canon|.
  std::vector<Hint> Hints(std::string_view tags, std::string_view header, HeaderCanon canon) {
    const std::string text = absl::StrCat(
        "DKIM-Signature: v=1; a=ed25519-sha256; d=a.example; "
        "s=s; h=From:To; bh=%bh; b=%b; ",
        tags, "\r\n", header, "\r\n");
    base::Arena arena;
    mail::MessageReader reader;
    reader.Feed(text);
    const mail::Field& field = reader.fields().front();
    const HeaderIndex index(&arena, reader.fields());
    Signature signature = ParseSignature(&arena, field.value).signature;
    const Digest digest = HashHeader(&arena, canon, HashAlgorithm::kSha256, index,
                                     signature.signed_names, field, signature.raw_signature);
    const std::string octets = *key_->Sign(digest);
    signature.signature = octets;
    std::vector<Hint> hints;
    DiagnoseHeader(&arena, signature, index, field, public_key_, &hints);
    return hints;
  }

  std::shared_ptr<const SigningKey> key_;
  PublicKey public_key_;
};

TEST_F(HeaderDiagnosisTest, NamesTheOtherCanonicalization) {
  constexpr std::string_view kHeader = "From:  a\r\nTo: b\r\n";
  EXPECT_EQ(Codes(Hints("c=simple", kHeader, HeaderCanon::kRelaxed)), "header-canonicalization");
  EXPECT_EQ(Codes(Hints("c=relaxed", kHeader, HeaderCanon::kSimple)), "header-canonicalization");
  EXPECT_EQ(Codes(Hints("", kHeader, HeaderCanon::kRelaxed)), "header-canonicalization")
      << "simple when c= is absent";
  EXPECT_EQ(Codes(Hints("c=simple", kHeader, HeaderCanon::kSimple)), "")
      << "only the other form is tried";
}

TEST_F(HeaderDiagnosisTest, ComparesCopiesWithTheFields) {  // RFC 6376 §3.5 z=
  const struct {
    std::string_view copies;
    std::string_view codes;
    std::string_view text;  // of the last hint
    const char* why;
  } cases[] = {
      {"From:a|To:b", "", "", "as they were"},
      {"FROM:a|to:b", "", "", "names without case"},
      {"From:=20a|To:=09b=20", "", "", "white space is what relays change"},
      {"From:\r\n =61", "", "", "and folds are no part of it"},
      {"From:x", "copied-field", "signed as:x", "another value"},
      {"From:a|Subject:hi", "copied-field", "the field Subject was there", "a field that is gone"},
      {"From:x|Subject:hi", "copied-field,copied-field", "Subject", "two"},
      {"X:2|X:1", "", "", "instances from the bottom up (§5.4.2)"},
      {"X:1|X:2", "copied-field,copied-field", "signed as:2", "not from the top"},
      {"X:2|X:1|X:0", "copied-field", "was there", "one more than there are"},
      {"From:=zz|:a||", "", "", "what cannot be read says nothing"},
  };
  for (const auto& c : cases) {
    const std::vector<Hint> hints = Hints(absl::StrCat("c=simple; z=", c.copies),
                                          "From: a\r\nTo: b\r\nX: 1\r\nX: 2\r\n", kSimpleHeader);
    EXPECT_EQ(Codes(hints), c.codes) << c.why;
    if (!hints.empty()) {
      EXPECT_NE(hints.back().text.find(c.text), std::string::npos) << hints.back().text;
    }
  }
}

TEST_F(HeaderDiagnosisTest, BoundsTheCopies) {
  for (const size_t extra : {0, 1}) {
    const std::vector<std::string> copies(kMaxSignedNames + extra, "N:x");
    const std::string tags = absl::StrCat("z=", absl::StrJoin(copies, "|"));
    EXPECT_EQ(Hints(tags, "From: a\r\n", kSimpleHeader).size(), kMaxSignedNames);
  }
}

}  // namespace
}  // namespace postseal::dkim
