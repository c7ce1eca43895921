// The rules of RFC 6376 with teeth, one test each, through a whole session:
// a forged message and a zone go in, a result and a reason come out.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dkim/policy.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dkim/signing_key.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "testing/forge.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage =
    "From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello\r\nWorld\r\n";
// The canonical body of kMessage has 14 octets in both forms.
constexpr uint64_t kBodyOctets = 14;
constexpr std::string_view kTags =
    " v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=s;"
    " h=From:To:Subject:From; bh=%bh; b=";

std::shared_ptr<const dkim::SigningKey> Key(const std::string& name) {
  return *dkim::SigningKey::FromPem(testing::ReadTestFile("testdata/keys/" + name + ".pem"));
}
const dkim::SigningKey& Ed25519Key() {
  static const std::shared_ptr<const dkim::SigningKey> key = Key("ed25519");
  return *key;
}

// Tags is kTags with one piece replaced.
std::string Tags(std::string_view from, std::string_view to) {
  return absl::StrReplaceAll(kTags, {{from, to}});
}

// Record is a zone line for the key at s._domainkey.example.com. "%p" is p=.
std::string Record(std::string_view text) {
  return absl::StrCat("s._domainkey.example.com. TXT \"",
                      absl::StrReplaceAll(text, {{"%p", Ed25519Key().public_key_base64()}}),
                      "\"\n");
}
const std::string& GoodZone() {
  static const std::string zone = Record("v=DKIM1; k=ed25519; p=%p");
  return zone;
}

Report Verify(std::string_view message, std::string_view zone, Options options = {},
              int64_t now = kNow) {
  options.check_dmarc = false;
  dns::ZoneResolver resolver;
  const absl::Status status = resolver.AddText(zone, "zone");
  EXPECT_TRUE(status.ok()) << status;
  auto session = *VerifySession::Create(std::make_shared<Options>(options), Envelope(), now);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_TRUE(session->done());
  return session->report();
}

// Outcome is the single signature's result and reason, as "result reason".
std::string Outcome(const Report& report, size_t index = 0) {
  if (report.dkim.size() <= index) return "no signature";
  const dkim::SignatureReport& signature = report.dkim[index];
  return absl::StrCat(base::ResultName(signature.result), " ", dkim::InfoOf(signature.reason).name);
}
std::string OutcomeOf(std::string_view message, std::string_view zone, const Options& options = {},
                      int64_t now = kNow) {
  return Outcome(Verify(message, zone, options, now));
}
std::string OutcomeOfTags(std::string_view tags, const Options& options = {}, int64_t now = kNow) {
  return OutcomeOf(testing::Forge(kMessage, tags, Ed25519Key()), GoodZone(), options, now);
}

struct TagCase {
  const char* name;
  const char* from;  // piece of kTags
  const char* to;
  const char* expected;
};

void ExpectAll(const std::vector<TagCase>& cases) {
  for (const TagCase& c : cases) {
    EXPECT_EQ(OutcomeOfTags(Tags(c.from, c.to)), c.expected) << c.name;
  }
}

TEST(DkimRulesTest, AGoodSignaturePasses) { EXPECT_EQ(OutcomeOfTags(kTags), "pass verified"); }

TEST(DkimRulesTest, TagListSyntax) {  // RFC 6376 §3.2
  ExpectAll({
      {"a duplicate tag spoils the list", "s=s;", "s=s; s=s;", "permerror duplicate-tag"},
      {"a duplicate of an unknown tag too", "s=s;", "s=s; zz=1; zz=1;", "permerror duplicate-tag"},
      {"unknown tags are ignored", "s=s;", "s=s; unknown=what ever;", "pass verified"},
      {"prototype-like names are tags like any other", "s=s;", "s=s; constructor=1; __proto__=2;",
       "permerror signature-syntax"},
      {"names are case-sensitive", "v=1;", "V=1;", "permerror missing-tag"},
      {"values are case-sensitive", "a=ed25519-sha256", "a=ED25519-SHA256",
       "permerror unsupported-algorithm"},
      {"white space around = and ;", "s=s;", "s \t = \r\n\t s ;", "pass verified"},
      {"a name must begin with a letter", "s=s;", "s=s; 1a=2;", "permerror signature-syntax"},
      {"a tag needs =", "s=s;", "s=s; zz;", "permerror signature-syntax"},
      {"an empty tag-spec is none", "s=s;", "s=s;;", "permerror signature-syntax"},
      {"no control octet", "s=s;", "s=s; zz=\x01;", "permerror signature-syntax"},
  });
}

TEST(DkimRulesTest, RequiredTags) {  // RFC 6376 §6.1.1
  for (const char* tag : {" v=1;", " a=ed25519-sha256;", " d=example.com;", " s=s;",
                          " h=From:To:Subject:From;", " bh=%bh;"}) {
    EXPECT_EQ(OutcomeOfTags(Tags(tag, "")), "permerror missing-tag") << tag;
  }
  const std::string without_b = absl::StrCat(
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s; h=From;"
      " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n",
      kMessage);
  EXPECT_EQ(OutcomeOf(without_b, GoodZone()), "permerror missing-tag");
}

TEST(DkimRulesTest, TagValues) {  // RFC 6376 §3.5
  ExpectAll({
      {"v= must be 1", "v=1;", "v=2;", "permerror unsupported-version"},
      {"v= must be 1, exactly", "v=1;", "v=01;", "permerror unsupported-version"},
      {"a= unknown", "a=ed25519-sha256", "a=ed25519-sha512", "permerror unsupported-algorithm"},
      {"c= unknown header", "c=relaxed/relaxed", "c=nowsp/relaxed",
       "permerror unsupported-canonicalization"},
      {"c= unknown body", "c=relaxed/relaxed", "c=relaxed/nowsp",
       "permerror unsupported-canonicalization"},
      {"c= with one name: the body is simple", "c=relaxed/relaxed", "c=relaxed", "pass verified"},
      {"c= absent: simple/simple", " c=relaxed/relaxed;", "", "pass verified"},
      {"q= with the known method among others", "s=s;", "s=s; q=other/x : dns/txt;",
       "pass verified"},
      {"q= without", "s=s;", "s=s; q=dns;", "permerror unsupported-query-method"},
      {"bh= no base64", "bh=%bh", "bh=***", "permerror bad-tag-value"},
      {"bh= of another hash's size", "bh=%bh",
       "bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "permerror bad-tag-value"},
      {"bh= wrong", "bh=%bh",
       "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "fail body-hash-mismatch"},
      {"h= with white space", "h=From:To:Subject:From", "h=From : To\t:\r\n Subject : From",
       "pass verified"},
      {"h= empty", "h=From:To:Subject:From", "h=", "permerror bad-tag-value"},
      {"h= with an empty name", "h=From:To:Subject:From", "h=From::To", "permerror bad-tag-value"},
      {"h= without From", "h=From:To:Subject:From", "h=To:Subject", "permerror from-not-signed"},
      {"h= with names that are not there", "h=From:To:Subject:From", "h=From:X-None:List-Id:From",
       "pass verified"},
      {"h= in any case", "h=From:To:Subject:From", "h=FROM:tO:subject:from", "pass verified"},
  });
}

TEST(DkimRulesTest, NamesInHAreBounded) {
  const auto names = [](size_t n) {
    std::string list = "h=From";
    for (size_t i = 1; i < n; ++i) list += ":x";
    return list;
  };
  EXPECT_EQ(OutcomeOfTags(Tags("h=From:To:Subject:From", names(dkim::kMaxSignedNames))),
            "pass verified");
  EXPECT_EQ(OutcomeOfTags(Tags("h=From:To:Subject:From", names(dkim::kMaxSignedNames + 1))),
            "permerror too-many-names");
}

TEST(DkimRulesTest, DomainsAndSelectors) {  // RFC 6376 §3.5 d=, s=; attack A3
  const std::string long_label(64, 'a');
  ExpectAll({
      {"d= in another case", "d=example.com", "d=EXAMPLE.com", "pass verified"},
      {"d= of one label", "d=example.com", "d=com", "permerror bad-domain"},
      {"d= with a final dot", "d=example.com", "d=example.com.", "permerror bad-domain"},
      {"d= with an empty label", "d=example.com", "d=example..com", "permerror bad-domain"},
      {"d= empty", "d=example.com", "d=", "permerror bad-domain"},
      {"d= with a space", "d=example.com", "d=example.com x", "permerror bad-domain"},
      {"d= with a parenthesis", "d=example.com", "d=example.com(.evil.com", "permerror bad-domain"},
      {"d= with an at sign", "d=example.com", "d=a@example.com", "permerror bad-domain"},
      {"d= that is no UTF-8", "d=example.com", "d=ex\xff.com", "permerror bad-domain"},
      {"s= with a slash", "s=s;", "s=../s;", "permerror bad-selector"},
      {"s= empty", "s=s;", "s=;", "permerror bad-selector"},
      {"s= of two labels that is not there", "s=s;", "s=a.b;", "permerror no-key"},
  });
  EXPECT_EQ(OutcomeOfTags(Tags("d=example.com", absl::StrCat("d=", long_label, ".com"))),
            "permerror bad-domain");
  std::string nul = Tags("s=s;", "s=s@;");
  nul[nul.find("s@") + 1] = '\0';
  EXPECT_EQ(OutcomeOfTags(nul), "permerror signature-syntax") << "NUL is no part of any value";
}

TEST(DkimRulesTest, Identity) {  // RFC 6376 §3.5 i=, §6.1.1
  ExpectAll({
      {"the domain itself", "s=s;", "s=s; i=@example.com;", "pass verified"},
      {"a mailbox", "s=s;", "s=s; i=a.b@example.com;", "pass verified"},
      {"a subdomain", "s=s;", "s=s; i=a@sub.Example.COM;", "pass verified"},
      {"quoted-printable", "s=s;", "s=s; i=\"a=3Bb=40c\"@example.com;", "pass verified"},
      {"what must be quoted", "s=s;", "s=s; i=a=3Bb=40c@example.com;", "permerror bad-tag-value"},
      {"stray dots", "s=s;", "s=s; i=a..b.@example.com;", "pass verified"},
      {"another domain", "s=s;", "s=s; i=@example.net;", "permerror domain-mismatch"},
      {"a name that only ends alike", "s=s;", "s=s; i=@badexample.com;",
       "permerror domain-mismatch"},
      {"the parent", "s=s;", "s=s; i=@com;", "permerror domain-mismatch"},
      {"no at sign", "s=s;", "s=s; i=example.com;", "permerror bad-tag-value"},
      {"broken quoted-printable", "s=s;", "s=s; i==4@example.com;", "permerror bad-tag-value"},
      {"a domain hidden by quoted-printable", "s=s;", "s=s; i=@example.com=40evil.com;",
       "permerror domain-mismatch"},
  });
}

TEST(DkimRulesTest, TimestampsAndExpiration) {  // RFC 6376 §3.5 t=, x=
  const auto with = [](std::string_view tag, int64_t value) {
    return Tags("s=s;", absl::StrCat("s=s; ", tag, "=", value, ";"));
  };
  const int64_t skew = dkim::kClockSkewSeconds;
  const int64_t future = dkim::kFutureSkewSeconds;
  EXPECT_EQ(OutcomeOfTags(with("x", kNow - skew)), "pass verified") << "within the fudge factor";
  EXPECT_EQ(OutcomeOfTags(with("x", kNow - skew - 1)), "permerror expired");
  EXPECT_EQ(OutcomeOfTags(with("t", kNow + future)), "pass verified") << "clocks may differ";
  EXPECT_EQ(OutcomeOfTags(with("t", kNow + future + 1)), "permerror future-timestamp");
  ExpectAll({
      {"x= equal to t=", "s=s;", "s=s; t=1767225600; x=1767225600;",
       "permerror expiration-before-timestamp"},
      {"x= one after t=", "s=s;", "s=s; t=1767225600; x=1767225601;", "pass verified"},
      {"x= before t=", "s=s;", "s=s; t=1767225600; x=1767225599;",
       "permerror expiration-before-timestamp"},
      {"t= of 12 digits lies in the future", "s=s;", "s=s; t=999999999999;",
       "permerror future-timestamp"},
      {"x= of 12 digits has not passed", "s=s;", "s=s; x=999999999999;", "pass verified"},
      {"x= of 13 digits is infinite", "s=s;", "s=s; x=1000000000000;", "pass verified"},
      {"x= infinite is later than t=", "s=s;", "s=s; t=1767225600; x=99999999999999999999;",
       "pass verified"},
      {"t= of 13 digits is infinite", "s=s;", "s=s; t=1000000000000;",
       "permerror future-timestamp"},
      {"t= no number", "s=s;", "s=s; t=12a;", "permerror bad-tag-value"},
      {"t= negative", "s=s;", "s=s; t=-1;", "permerror bad-tag-value"},
      {"x= empty", "s=s;", "s=s; x=;", "permerror bad-tag-value"},
  });
}

TEST(DkimRulesTest, BodyLength) {  // RFC 6376 §3.5 l=, §8.2
  const auto with = [](std::string_view length) {
    return Tags("s=s;", absl::StrCat("s=s; l=", length, ";"));
  };
  Options allow;
  allow.dkim.allow_partial_body = true;
  EXPECT_EQ(OutcomeOfTags(with(absl::StrCat(kBodyOctets))), "pass verified");
  EXPECT_EQ(OutcomeOfTags(with(absl::StrCat(kBodyOctets - 1))), "policy partial-body");
  EXPECT_EQ(OutcomeOfTags(with(absl::StrCat(kBodyOctets - 1)), allow), "pass verified");
  EXPECT_EQ(OutcomeOfTags(with(absl::StrCat(kBodyOctets + 1))), "fail body-too-short");
  EXPECT_EQ(OutcomeOfTags(with("0")), "policy partial-body") << "l=0 never passes by default";
  EXPECT_EQ(OutcomeOfTags(with("0"), allow), "policy partial-body") << "nor by any option";
  EXPECT_EQ(OutcomeOfTags(with("18446744073709551616")), "fail body-too-short") << "2^64 is not 0";
  EXPECT_EQ(OutcomeOfTags(with("18446744073709551630")), "fail body-too-short") << "nor 14";
  EXPECT_EQ(OutcomeOfTags(with(std::string(76, '9'))), "fail body-too-short");
  EXPECT_EQ(OutcomeOfTags(with(std::string(77, '9'))), "permerror bad-tag-value");
  EXPECT_EQ(OutcomeOfTags(with("0014")), "pass verified") << "leading zeros are digits";
  EXPECT_EQ(OutcomeOfTags(with("-1")), "permerror bad-tag-value");
  const std::string appended =
      absl::StrCat(testing::Forge(kMessage, with("14"), Ed25519Key()), "added\r\n");
  EXPECT_EQ(OutcomeOf(appended, GoodZone()), "policy partial-body") << "the attack of l=";
  const Report report = Verify(appended, GoodZone());
  EXPECT_EQ(report.dkim[0].body_length, 14u);
  EXPECT_EQ(report.dkim[0].canonical_body_octets, 21u) << "coverage is reported";
}

TEST(DkimRulesTest, KeyRecords) {  // RFC 6376 §3.6.1, §6.1.2
  const struct {
    const char* name;
    const char* record;
    const char* expected;
  } cases[] = {
      {"v= may be absent", "k=ed25519; p=%p", "pass verified"},
      {"v= must be first", "k=ed25519; v=DKIM1; p=%p", "permerror key-version"},
      {"v= must be DKIM1", "v=DKIM2; k=ed25519; p=%p", "permerror key-version"},
      {"v= in exactly that case", "v=dkim1; k=ed25519; p=%p", "permerror key-version"},
      {"a wildcard's SPF record", "v=spf1 -all", "permerror key-version"},
      {"text of some other use", "google-site-verification=abc", "permerror key-syntax"},
      {"an empty record", "", "permerror key-syntax"},
      {"p= is required", "v=DKIM1; k=ed25519", "permerror key-syntax"},
      {"p= empty: revoked", "v=DKIM1; k=ed25519; p=", "permerror key-revoked"},
      {"p= with white space", "v=DKIM1; k=ed25519; p= %p ;", "pass verified"},
      {"p= no base64", "v=DKIM1; k=ed25519; p=*", "permerror key-unusable"},
      {"p= too short", "v=DKIM1; k=ed25519; p=HbawiMnQXTCopHTkR0jlKQ==", "permerror key-unusable"},
      {"k= of another type", "v=DKIM1; p=%p", "permerror key-type-mismatch"},
      {"k= unknown", "v=DKIM1; k=mldsa44; p=%p", "permerror key-type-mismatch"},
      {"h= lists the hash", "v=DKIM1; h=sha1:sha256; k=ed25519; p=%p", "pass verified"},
      {"h= with unknown ones", "v=DKIM1; h=sha3 : sha256; k=ed25519; p=%p", "pass verified"},
      {"h= without it", "v=DKIM1; h=sha1; k=ed25519; p=%p", "permerror key-hash-mismatch"},
      {"s=*", "v=DKIM1; s=*; k=ed25519; p=%p", "pass verified"},
      {"s=email", "v=DKIM1; s=other:email; k=ed25519; p=%p", "pass verified"},
      {"s= without email", "v=DKIM1; s=tlsrpt; k=ed25519; p=%p", "permerror key-service-mismatch"},
      {"t=y changes nothing", "v=DKIM1; t=y; k=ed25519; p=%p", "pass verified"},
      {"t=s with i= absent", "v=DKIM1; t=s; k=ed25519; p=%p", "pass verified"},
      {"unknown flags", "v=DKIM1; t=q:r; k=ed25519; p=%p", "pass verified"},
      {"unknown tags", "v=DKIM1; x=1; k=ed25519; g=nobody; p=%p", "pass verified"},
      {"a duplicate tag", "v=DKIM1; k=ed25519; k=ed25519; p=%p", "permerror key-syntax"},
  };
  const std::string message = testing::Forge(kMessage, kTags, Ed25519Key());
  for (const auto& c : cases) {
    EXPECT_EQ(OutcomeOf(message, Record(c.record)), c.expected) << c.name;
  }
}

TEST(DkimRulesTest, TestModeNeverChangesTheResult) {  // RFC 6376 §3.6.1 t=y
  const std::string zone = Record("v=DKIM1; t=y; k=ed25519; p=%p");
  const std::string good = testing::Forge(kMessage, kTags, Ed25519Key());
  const Report pass = Verify(good, zone);
  EXPECT_EQ(Outcome(pass), "pass verified");
  EXPECT_TRUE(pass.dkim[0].testing);
  const Report fail = Verify(absl::StrCat(good, "more\r\n"), zone);
  EXPECT_EQ(Outcome(fail), "fail body-hash-mismatch");
  EXPECT_TRUE(fail.dkim[0].testing);
}

TEST(DkimRulesTest, StrictKeysForbidSubdomains) {  // RFC 6376 §3.6.1 t=s
  const std::string zone = Record("v=DKIM1; t=y:s; k=ed25519; p=%p");
  const auto outcome = [&zone](std::string_view identity) {
    return OutcomeOf(testing::Forge(kMessage, Tags("s=s;", absl::StrCat("s=s; i=", identity, ";")),
                                    Ed25519Key()),
                     zone);
  };
  EXPECT_EQ(outcome("x@example.com"), "pass verified");
  EXPECT_EQ(outcome("x@Example.Com"), "pass verified");
  EXPECT_EQ(outcome("x@sub.example.com"), "permerror key-forbids-subdomain");
}

TEST(DkimRulesTest, StringsOfARecordAreJoinedWithoutSpace) {  // RFC 6376 §3.6.2.2
  const std::string p = Ed25519Key().public_key_base64();
  const std::string zone =
      absl::StrCat("s._domainkey.example.com. TXT \"v=DKIM1; k=ed25\" \"519; p=", p.substr(0, 9),
                   "\" \"", p.substr(9), "\"\n");
  EXPECT_EQ(OutcomeOf(testing::Forge(kMessage, kTags, Ed25519Key()), zone), "pass verified");
}

TEST(DkimRulesTest, SeveralKeyRecordsAreTriedInOrder) {  // RFC 6376 §6.1.2
  const std::string message = testing::Forge(kMessage, kTags, Ed25519Key());
  const std::string good = GoodZone();
  const std::string junk = Record("v=spf1 -all");
  const std::string revoked = Record("v=DKIM1; k=ed25519; p=");
  const std::string other =
      Record("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  EXPECT_EQ(OutcomeOf(message, junk + good), "pass verified");
  EXPECT_EQ(OutcomeOf(message, other + revoked + junk + good), "pass verified") << "the fourth";
  EXPECT_EQ(OutcomeOf(message, other + revoked + junk + junk + good), "fail signature-mismatch")
      << "the fifth is over the limit";
  EXPECT_EQ(OutcomeOf(message, junk + revoked), "permerror key-revoked")
      << "the most telling failure is reported";
}

TEST(DkimRulesTest, AReportHoldsTheFactsOfOneKeyRecord) {
  Options options;
  options.dkim.diagnose = true;
  const std::string message =
      testing::Forge(kMessage, Tags("s=s;", "s=s; z=Subject:=20hi;"), Ed25519Key());
  const std::string changed = absl::StrReplaceAll(message, {{"Subject: hi", "Subject: ho"}});
  const std::string revoked = Record("v=DKIM1; t=y; k=ed25519; p=");
  const Report report = Verify(changed, GoodZone() + GoodZone() + revoked, options);
  EXPECT_EQ(Outcome(report), "fail signature-mismatch");
  EXPECT_FALSE(report.dkim[0].testing) << "the revoked record's";
  EXPECT_EQ(report.dkim[0].hints.size(), 1u) << "found once, though two keys failed";
  EXPECT_EQ(report.spent.public_key_operations, 3u) << "that of the diagnosis counts";
}

TEST(DkimRulesTest, DnsTroubleIsNeitherPassNorNone) {  // RFC 6376 §6.1.2
  const std::string message = testing::Forge(kMessage, kTags, Ed25519Key());
  EXPECT_EQ(OutcomeOf(message, "$FAIL s._domainkey.example.com TXT\n"),
            "temperror key-lookup-failed");
  EXPECT_EQ(OutcomeOf(message, "$TIMEOUT s._domainkey.example.com\n"),
            "temperror key-lookup-failed");
  EXPECT_EQ(OutcomeOf(message, "example.com. A 192.0.2.1\n"), "permerror no-key") << "NXDOMAIN";
  EXPECT_EQ(OutcomeOf(message, "s._domainkey.example.com. A 192.0.2.1\n"), "permerror no-key")
      << "NODATA";
  EXPECT_EQ(OutcomeOf(absl::StrCat(message, "more\r\n"), "$FAIL s._domainkey.example.com TXT\n"),
            "fail body-hash-mismatch")
      << "a changed body fails whatever the key is";
}

TEST(DkimRulesTest, RsaKeys) {  // RFC 8301 §3.2, RFC 6376 §3.6.1
  const auto zone = [](std::string_view p) {
    return absl::StrCat("s._domainkey.example.com. TXT \"v=DKIM1; p=", p.substr(0, 200), "\" \"",
                        p.substr(200), "\"\n");
  };
  const std::string tags = Tags("a=ed25519-sha256", "a=rsa-sha256");
  const auto rsa1024 = Key("rsa1024");
  const std::string message = testing::Forge(kMessage, tags, *rsa1024);
  EXPECT_EQ(OutcomeOf(message, zone(rsa1024->public_key_base64())), "pass verified");
  Options strict;
  strict.dkim.min_rsa_bits = 1025;
  EXPECT_EQ(OutcomeOf(message, zone(rsa1024->public_key_base64()), strict),
            "permerror key-too-small");
  EXPECT_EQ(OutcomeOf(message, zone(Key("rsa2048")->public_key_base64())),
            "fail signature-mismatch");
  EXPECT_EQ(Verify(message, zone(rsa1024->public_key_base64())).dkim[0].key_bits, 1024);
}

TEST(DkimRulesTest, RsaSha1IsRefused) {  // RFC 8301 §3.1
  const std::string message = absl::StrCat(
      "DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=s; h=From;"
      " bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=AAAA\r\n",
      kMessage);
  const Report report = Verify(message, GoodZone());
  EXPECT_EQ(Outcome(report), "permerror rsa-sha1");
  EXPECT_TRUE(report.dns.empty()) << "no lookup for what cannot pass";
}

TEST(DkimRulesTest, RepeatedNamesArePickedBottomUp) {  // RFC 6376 §5.4.2
  const std::string message = "From: a@example.com\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\nHello\r\n";
  const std::string tags = Tags("h=From:To:Subject:From", "h=From:X:X");
  const std::string good = testing::Forge(message, tags, Ed25519Key());
  EXPECT_EQ(OutcomeOf(good, GoodZone()), "pass verified");
  EXPECT_EQ(OutcomeOf(absl::StrReplaceAll(good, {{"X: 1", "X: 9"}}), GoodZone()), "pass verified")
      << "the topmost is not covered";
  EXPECT_EQ(OutcomeOf(absl::StrReplaceAll(good, {{"X: 2", "X: 9"}}), GoodZone()),
            "fail signature-mismatch");
  EXPECT_EQ(OutcomeOf(absl::StrReplaceAll(good, {{"X: 2\r\nX: 3", "X: 3\r\nX: 2"}}), GoodZone()),
            "fail signature-mismatch")
      << "order counts";
}

TEST(DkimRulesTest, AnAddedFromIsNeverACleanPass) {  // RFC 6376 §8.15
  const std::string forged = "From: ceo@example.com\r\n";
  const std::string once = Tags("h=From:To:Subject:From", "h=From:To:Subject");
  const std::string exact = testing::Forge(kMessage, once, Ed25519Key());
  const std::string over = testing::Forge(kMessage, kTags, Ed25519Key());
  EXPECT_EQ(OutcomeOf(exact, GoodZone()), "pass verified");
  EXPECT_EQ(OutcomeOf(forged + exact, GoodZone()), "policy unsigned-from") << "on top";
  EXPECT_EQ(OutcomeOf(forged + over, GoodZone()), "fail signature-mismatch") << "oversigned";
  const std::string below =
      absl::StrReplaceAll(exact, {{"Subject: hi\r\n", "Subject: hi\r\nfrom : x@y.example\r\n"}});
  EXPECT_EQ(OutcomeOf(below, GoodZone()), "fail signature-mismatch") << "below, in obsolete form";
  Options allow;
  allow.dkim.allow_unsigned_from = true;
  EXPECT_EQ(OutcomeOf(forged + exact, GoodZone(), allow), "pass verified");
}

TEST(DkimRulesTest, OtherAddedSingletonsAreReported) {  // RFC 6376 §8.15
  const std::string good = testing::Forge(kMessage, kTags, Ed25519Key());
  EXPECT_TRUE(Verify(good, GoodZone()).dkim[0].uncovered_fields.empty());
  const Report report = Verify("Subject: evil\r\n" + good, GoodZone());
  EXPECT_EQ(Outcome(report), "pass verified");
  EXPECT_EQ(report.dkim[0].uncovered_fields, std::vector<std::string_view>{"Subject"});
}

TEST(DkimRulesTest, OtherSignaturesMayBeSigned) {  // RFC 6376 §3.5 h=
  const std::string inner = testing::Forge(kMessage, kTags, Ed25519Key());
  const std::string outer = testing::Forge(
      inner, Tags("h=From:To:Subject:From", "h=From:DKIM-Signature:DKIM-Signature"), Ed25519Key());
  const Report report = Verify(outer, GoodZone());
  EXPECT_EQ(Outcome(report, 0), "pass verified") << "its own field is none of the two";
  EXPECT_EQ(Outcome(report, 1), "pass verified");
  const Report changed =
      Verify(absl::StrReplaceAll(outer, {{"h=From:To:Subject:From", "h=From:To:Subject:Fr0m"}}),
             GoodZone());
  EXPECT_EQ(Outcome(changed, 0), "fail signature-mismatch");
}

TEST(DkimRulesTest, TheNumberOfSignaturesIsBounded) {  // RFC 6376 §6.1
  std::string message(kMessage);
  for (size_t i = 0; i < dkim::kMaxSignatures; ++i) {
    message = testing::Forge(message, kTags, Ed25519Key());
  }
  const Report at_limit = Verify(message, GoodZone());
  ASSERT_EQ(at_limit.dkim.size(), dkim::kMaxSignatures);
  EXPECT_EQ(Outcome(at_limit, 0), "pass verified");
  const Report over = Verify(testing::Forge(message, kTags, Ed25519Key()), GoodZone());
  ASSERT_EQ(over.dkim.size(), dkim::kMaxSignatures + 1);
  EXPECT_EQ(Outcome(over, 0), "neutral too-many-signatures") << "the topmost is left out";
  EXPECT_EQ(Outcome(over, 1), "pass verified");
  EXPECT_EQ(over.spent.dns_queries, 1u) << "one key serves all";
}

TEST(DkimRulesTest, AFloodOfSignaturesCostsLittle) {  // OpenDKIM #271
  std::string flood;
  for (int i = 0; i < 4000; ++i) {
    absl::StrAppend(&flood, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=f", i,
                    "; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n");
  }
  const Report report =
      Verify(absl::StrCat(flood, testing::Forge(kMessage, kTags, Ed25519Key())), GoodZone());
  ASSERT_EQ(report.dkim.size(), 4001u);
  EXPECT_EQ(Outcome(report, 4000), "pass verified") << "the author's own, at the bottom";
  EXPECT_LE(report.spent.dns_queries, dkim::kMaxSignatures);
  EXPECT_LE(report.spent.public_key_operations, dkim::kMaxPublicKeyOperations);
}

TEST(DkimRulesTest, AHeaderOverItsLimitPassesNothing) {
  std::string message = testing::Forge(kMessage, kTags, Ed25519Key());
  Options options;
  options.header.max_header_octets = 200;
  EXPECT_EQ(OutcomeOf(message, GoodZone(), options), "no signature") << "not even seen";
  options.header.max_header_octets = message.find("\r\n\r\n") + 2;
  EXPECT_EQ(OutcomeOf(message, GoodZone(), options), "pass verified") << "n";
  --options.header.max_header_octets;
  EXPECT_EQ(OutcomeOf(message, GoodZone(), options), "neutral header-too-large") << "n + 1";
}

TEST(DkimRulesTest, InternationalizedSignatures) {  // RFC 8616 §3, §4
  const std::string message =
      "From: \xc3\xbc@b\xc3\xbc"
      "cher.example\r\nSubject: gr\xc3\xbc\xc3\x9f\r\n\r\nHello\r\n";
  const std::string zone = absl::StrReplaceAll(
      GoodZone(), {{"s._domainkey.example.com", "s._domainkey.xn--bcher-kva.example"}});
  const std::string u_label = testing::Forge(message,
                                             Tags("d=example.com",
                                                  "d=b\xc3\xbc"
                                                  "cher.example; i=\xc3\xbc@b\xc3\xbc"
                                                  "cher.example"),
                                             Ed25519Key());
  const Report report = Verify(u_label, zone);
  EXPECT_EQ(Outcome(report), "pass verified") << "the hash takes the form as written";
  EXPECT_EQ(report.dkim[0].identifier, "xn--bcher-kva.example");
  EXPECT_EQ(report.dkim[0].domain,
            "b\xc3\xbc"
            "cher.example");
  EXPECT_EQ(OutcomeOf(testing::Forge(message, Tags("d=example.com", "d=xn--bcher-kva.example"),
                                     Ed25519Key()),
                      zone),
            "pass verified")
      << "A-labels stay valid";
}

TEST(DkimRulesTest, Diagnosis) {
  Options options;
  options.dkim.diagnose = true;
  const auto hints = [&options](std::string_view message) {
    const Report report = Verify(message, GoodZone(), options);
    std::vector<std::string_view> codes;
    for (const dkim::Hint& hint : report.dkim.at(0).hints) codes.push_back(hint.code);
    return codes;
  };
  using Codes = std::vector<std::string_view>;
  const std::string good = testing::Forge(kMessage, kTags, Ed25519Key());
  EXPECT_EQ(hints(good), Codes{});
  EXPECT_EQ(hints(good + "-- \r\nfooter\r\n"), Codes{"trailing-text"});
  EXPECT_EQ(hints(absl::StrReplaceAll(good, {{"Hello\r\nWorld\r\n", "Hello\nWorld\n"}})),
            Codes{"line-ends"});
  EXPECT_EQ(hints(absl::StrReplaceAll(good, {{"World", "Wrold"}})), Codes{})
      << "damage has no name";
  const std::string simple =
      testing::Forge(kMessage, Tags("c=relaxed/relaxed", "c=simple/simple"), Ed25519Key());
  EXPECT_EQ(hints(absl::StrReplaceAll(simple, {{"Hello\r\n", "Hello \r\n"}})),
            Codes{"body-canonicalization"});
  // z= shows which field was changed.
  const std::string copied = testing::Forge(
      kMessage, Tags("s=s;", "s=s; z=From:=20a@example.com|Subject:=20hi|To:=20b@example.net;"),
      Ed25519Key());
  EXPECT_EQ(hints(absl::StrReplaceAll(copied, {{"Subject: hi", "Subject: [list] hi"}})),
            Codes{"copied-field"});
}

}  // namespace
}  // namespace postseal::auth
