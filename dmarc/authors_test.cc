#include "dmarc/authors.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "dmarc/options.h"
#include "dmarc/test_support.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::Evaluate;
using testing::Message;
using testing::Record;
using testing::Seen;

TEST(AuthorsTest, WithoutOneAuthorDomainNothingPasses) {  // RFC 9989 §11.5
  const std::string zone = absl::StrCat(Record("example.com", "v=DMARC1; p=reject; t=y"),
                                        Record("example.net", "v=DMARC1; p=none"),
                                        Record("example.org", "v=DMARC1; p=reject"));
  struct {
    FromForm form;
    std::string_view from;
    std::string_view outcome;
    std::string_view disposition;
    std::string_view why;
  } const kCases[] = {
      {FromForm::kMissing, "", "permerror from-missing", "none", ""},
      {FromForm::kMalformed, "", "permerror from-malformed", "none", ""},
      {FromForm::kOneField, "", "permerror from-malformed", "none", "a group without members"},
      {FromForm::kSeveralFields, "example.org", "permerror from-several-fields", "none",
       "its domain passes"},
      {FromForm::kSeveralFields, "example.org example.com", "permerror from-several-fields",
       "quarantine", "one of them fails"},
      {FromForm::kOneField, "example.org example.com example.net", "permerror from-several-domains",
       "quarantine", "the strictest that fails"},
      {FromForm::kOneField, "example.org example.net", "permerror from-several-domains", "none",
       "p=none"},
      {FromForm::kMalformed, "example.com", "permerror from-malformed", "quarantine",
       "what could be read of it"},
      {FromForm::kMalformed, "example.org", "permerror from-malformed", "none", "it would pass"},
      {FromForm::kMalformed, "example.org example.com", "permerror from-malformed", "quarantine",
       "one that passes shields no other"},
      {FromForm::kMalformed, "example.net example.com", "permerror from-malformed", "quarantine",
       "the strictest that fails"},
      {FromForm::kNotAllSeen, "example.org", "permerror header-too-large", "none",
       "there may be another From field"},
      {FromForm::kNotAllSeen, "", "permerror header-too-large", "none", "nor was this one seen"},
      {FromForm::kNotAllSeen, "example.com", "permerror header-too-large", "quarantine",
       "what was seen of it"},
      {FromForm::kOneField, "example.org example.org", "pass aligned", "none",
       "§5.3.2: precisely one Author Domain"},
  };
  for (const auto& c : kCases) {
    const Seen seen =
        Evaluate(zone, Message(c.from).Form(c.form).Spf("example.org").Dkim("example.org"));
    EXPECT_EQ(seen.outcome(), c.outcome) << c.from << ": " << c.why;
    EXPECT_EQ(seen.disposition, c.disposition) << c.from << ": " << c.why;
    EXPECT_EQ(seen.aligned_spf || seen.aligned_dkim, seen.result == base::Result::kPass)
        << "§4.4 ¶3: such a message is not aligned";
  }
}

TEST(AuthorsTest, AtMostSoManyAuthorDomains) {  // RFC 9989 §11.5 ¶3
  std::string from;
  std::string zone;
  for (size_t i = 0; i < kMaxAuthorDomains; ++i) absl::StrAppend(&from, "a", i, ".example ");
  const std::string last = absl::StrCat("a", kMaxAuthorDomains, ".example");
  zone += Record(absl::StrCat("a", kMaxAuthorDomains - 1, ".example"), "v=DMARC1; p=quarantine");
  zone += Record(last, "v=DMARC1; p=reject");
  const Seen within = Evaluate(zone, Message(from));
  EXPECT_EQ(within.authors.size(), kMaxAuthorDomains);
  EXPECT_EQ(within.authors_skipped, 0);
  EXPECT_EQ(within.disposition, "quarantine");
  EXPECT_EQ(Evaluate(zone, Message(from).Form(FromForm::kMalformed)).disposition, "quarantine");
  const Seen beyond = Evaluate(zone, Message(from + last));
  EXPECT_EQ(beyond.authors.size(), kMaxAuthorDomains);
  EXPECT_EQ(beyond.authors_skipped, 1) << "the evaluation is incomplete, and says so";
}

}  // namespace
}  // namespace postseal::dmarc
