#include "authres/removal_plan.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "authres/parsed_field.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

using std::string_view_literals::operator""sv;

const std::vector<std::string>& OwnIds() {
  static const auto* const ids = new std::vector<std::string>{
      "mx.example", "b\u00fccher.example", "m\u00fcller.example", "xn--caf-dma.example",
      "my host",    ".sub.example"};
  return *ids;
}

// Plan reads a header block and plans.
std::vector<Removal> Plan(std::string_view header, RemovalOptions options = {}) {
  if (options.authserv_ids.empty()) options.authserv_ids = OwnIds();
  mail::MessageReader reader;
  reader.Feed(header);
  reader.Feed("\r\n");
  return PlanRemoval(reader.fields(), options);
}

// Judge is why a field with this value goes, as a letter; "-" when it stays.
std::string Judge(std::string_view value, RemovalOptions options = {}) {
  const std::vector<Removal> plan =
      Plan("Authentication-Results:" + std::string(value) + "\r\n", options);
  if (plan.empty()) return "-";
  constexpr std::string_view kLetters = "OVLUAXD";
  return std::string(1, kLetters[static_cast<size_t>(plan[0].reason)]);
}

TEST(RemovalPlanTest, WhichFieldsGo) {
  struct Case {
    std::string_view value;
    std::string_view want;
    const char* why;
  };
  constexpr Case kCases[] = {
      {" mx.example; dkim=pass", "O", "RFC 8601 §5"},
      {" MX.Example; none", "O", "compared without case"},
      {" mx.example.; none", "O", "a final dot"},
      {" \"mx.example\"; none", "O", "quoted"},
      {" \"m\\x.example\"; none", "O", "a quoted-pair"},
      {" (other.example) \r\n mx.example (c) 1; none", "O", "behind CFWS"},
      {" \"my host\"; none", "O", "no token"},
      {" \"b\u00fccher.example\"; none", "O", "U-label"},
      {" xn--BCHER-kva.example; none", "O", "A-label"},
      {" mx.example; dkim=pass header.b=a/b", "O", "a departure"},
      {" mx.example 2; dkim=pass", "O", "ours, of another version"},
      {" mx.(c)example; dkim=pass", "O", "a comment within"},
      {" m(c)x.ex(d)ample; dkim=pass", "O", "two"},
      {" \"mx\".example; dkim=pass", "O", "quotes around a part"},
      {" \"mx.\r\n example\"; dkim=pass", "O", "a fold in quotes"},
      {" mx.(c)example.org; dkim=pass", "-", "another host's, with a comment within"},
      {" other.example; dkim=pass", "-", "another host's"},
      {" other.example; dkim=pass header.d=mx.example", "-", "ours, but as a value"},
      {" a.mx.example; none", "-", "another host's"},
      {" mx.example.org; none", "-", "another host's"},
      {" mx.exampl; none", "-", "another host's"},
      {" other.example 2; none", "V", "RFC 8601 §5: no version but 1"},
      {" mx.other/4ABC; dkim=pass", "-", "another host's, with a queue id"},
      {" \"mx.example/Q1\"; dkim=pass", "O", "quoted, with a queue id"},
      {" mx.example/Q1; dkim=pass", "O", "a queue id"},
      {" mx.example./Q1; dkim=pass", "O", "a queue id behind a dot"},
      {" \"mx.example/Q1/2\" 1; dkim=pass", "O", "a slash in the queue id"},
      {" mx.example..; none", "O", "two dots"},
      {" \"mx.example. \"; none", "O", "a dot and a space"},
      {" a.sub.example; none", "O", "below .sub.example"},
      {" a.b.SUB.example./Q; none", "O", "below .sub.example"},
      {" @a.sub.example; none", "U", "below .sub.example"},
      {" sub.example; none", "-", "not below .sub.example"},
      {" asub.example; none", "-", "not below .sub.example"},
      {" spf=pass smtp.mailfrom=mx.example", "A", "without an id: of the reader's own host"},
      {" ; spf=pass", "A", "without an id"},
      {"i=1; mx.example; dkim=pass", "O", "of ARC, RFC 8617 §4.1.1"},
      // What is not shown, in and around the id.
      {" \"mx.ex\u200bample\"; none", "O", "ZWSP within it"},
      {" \ufeffmx.example; none", "O", "BOM before it"},
      {" \u00a0mx.example; none", "O", "NBSP before it"},
      {" mx.example\u00a0; none", "O", "NBSP after it"},
      {" mx.example\u200b; none", "O", "ZWSP after it"},
      {" mx\u3002example; none", "O", "an ideographic full stop"},
      {" \xa0mx.example; none", "U", "NBSP of Latin-1"},
      {" mx\xa0.example; none", "U", "NBSP of Latin-1 within it"},
      {" mx.\r\n example; none", "U", "a fold within it"},
      // The other form of an internationalised name.
      {" \"B\u00dcCHER.example\"; none", "O", "a U-label in capitals"},
      {" \"bu\u0308cher.example\"; none", "O", "a U-label that is not composed"},
      {" \"caf\u00e9.example\"; none", "O", "given in A-labels"},
      {" xn--stra-6na.example; none", "-", "another name"},
      {" xn--mller-kva.example; none", "O", "given in U-labels"},
      // What does not parse but might be ours to a reader of another mind.
      {" mx.example", "O", "no semicolon"},
      {" mx.example dkim=pass", "O", "no semicolon"},
      {" mx.example,1; dkim=pass", "O", "no semicolon"},
      {" mx.example=; dkim=pass", "U", "no id"},
      {" mx.example=pass; dkim=pass", "A", "no id"},
      {"\nmx.example; dkim=pass", "U", "a bare LF"},
      {"\r mx.example; dkim=pass", "U", "a bare CR"},
      {" \0mx.example; dkim=pass"sv, "U", "NUL before it"},
      {" mx\0.example; dkim=pass"sv, "U", "NUL within it"},
      {" mx.example; dkim=pass (\xfc)", "U", "no UTF-8 after it"},
      {" \"m\\x.example\"; dkim=pass (\xfc)", "U", "no UTF-8 after it, quoted"},
      {" ((c) mx.example; dkim=pass", "U", "an open comment"},
      {" \"mx.example; dkim=pass", "U", "an open quote"},
      {" @mx.example; dkim=pass", "U", "a tspecial"},
      {" b\u00fccher.example; dkim=pass", "O", "a U-label without quotes"},
      {" @B\u00dcCHER.example; dkim=pass", "U", "a U-label in capitals"},
      {" @; dkim=pass", "A", "unreadable, and none of ours"},
      {" @a.mx.example; dkim=pass", "A", "unreadable, and none of ours"},
      {" @mx.example.org; dkim=pass", "A", "unreadable, and none of ours"},
      {" a.mx.example x; dkim=pass", "-", "unreadable, and another's"},
      {"", "A", "empty"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Judge(c.value), c.want) << c.why << ": " << c.value;
    const std::string all = Judge(c.value, {.remove_all = true});
    EXPECT_EQ(all, c.want == "-" ? "X" : c.want) << c.why << ": " << c.value;
  }
}

TEST(RemovalPlanTest, AnonymousFieldsGoUnlessAsked) {
  for (const std::string_view value : {" spf=pass", " ; spf=pass", " @; spf=pass", ""}) {
    EXPECT_EQ(Judge(value, {.remove_anonymous = false}), "-") << value;
    EXPECT_EQ(Judge(value), "A") << value;
  }
  EXPECT_EQ(Judge(" other.example; none"), "-");
}

// OpenDKIM issue 185: what was deleted moved what was still to go.
TEST(RemovalPlanTest, Regression11DeletingInOrderLeavesNoForgedField) {
  const std::string forged = "Authentication-Results: mx.example; dkim=pass\r\n";
  const std::string other = "Authentication-Results: other.example; dkim=pass\r\n";
  const std::string header = forged + "From: a@b.example\r\n" + forged + other +
                             "authentication-results: mx.example; spf=pass\r\n" + forged + other;
  const std::vector<Removal> want = {{5, 5, RemovalReason::kOwnId},
                                     {4, 4, RemovalReason::kOwnId},
                                     {2, 2, RemovalReason::kOwnId},
                                     {0, 1, RemovalReason::kOwnId}};
  const std::vector<Removal> plan = Plan(header);
  EXPECT_EQ(plan, want);

  mail::MessageReader reader;
  reader.Feed(header + "\r\n");
  std::vector<std::string> left;
  for (const mail::Field& field : reader.fields()) left.emplace_back(field.raw);
  for (const Removal& removal : plan) {
    left.erase(left.begin() + static_cast<ptrdiff_t>(removal.position));
  }
  ASSERT_EQ(left.size(), 3u);
  for (const std::string& field : left) EXPECT_EQ(field.find("mx.example"), field.npos) << field;
}

// OpenDKIM issue 434: fields of more than 4 KB stayed.
TEST(RemovalPlanTest, Regression12LargeFieldsGo) {
  const std::string id = " mx.example";
  for (const size_t size : {4096u, 4097u, 16384u}) {
    const std::string text = id + "; none (" + std::string(size - 20, 'x') + ")";
    ASSERT_EQ(text.size(), size);
    EXPECT_EQ(Judge(text), "O") << size;
    EXPECT_EQ(Judge(" (" + std::string(size - 20, 'x') + ")" + id + ";none"), "O") << size;
  }
}

// OpenDMARC issue 441: the 17th result was written beyond an array.
TEST(RemovalPlanTest, Regression13FieldsOfManyResultsGo) {
  for (const size_t count : {size_t{16}, size_t{17}, kMaxResults, kMaxResults + 1}) {
    std::string many = " mx.example";
    for (size_t i = 0; i < count; ++i) many += "; dkim=pass";
    EXPECT_EQ(Judge(many), "O") << count;
  }
}

TEST(RemovalPlanTest, BeyondTheLimitsNobodysFieldStays) {
  const std::string other = " other.example";
  EXPECT_EQ(Judge(other + "; none (" + std::string(kMaxFieldOctets, 'x') + ")"), "L");
  std::string too_many = other;
  for (size_t i = 0; i <= kMaxResults; ++i) too_many += "; dkim=pass";
  EXPECT_EQ(Judge(too_many), "L");
  std::string too_many_properties = other + "; m=pass";
  for (size_t i = 0; i <= kMaxProperties; ++i) too_many_properties += " x.y=z";
  EXPECT_EQ(Judge(too_many_properties), "L");
}

TEST(RemovalPlanTest, NamesOfObsoleteSyntaxCount) {  // RFC 5322 §4.5.8
  const std::vector<Removal> plan = Plan(
      "Authentication-Results : mx.example; none\r\n"
      "AUTHENTICATION-RESULTS\t :mx.example;none\r\n"
      "X-Authentication-Results: mx.example; none\r\n"
      "ARC-Authentication-Results: i=1; mx.example; none\r\n"
      " Authentication-Results: mx.example; none\r\n");
  const std::vector<Removal> want = {{1, 2, RemovalReason::kOwnId}, {0, 1, RemovalReason::kOwnId}};
  EXPECT_EQ(plan, want);
}

// Fields that are no Authentication-Results fields here and that some other reader takes
// for one: what a relay or a mail program makes of the octets decides. RFC 5322 §2.2
TEST(RemovalPlanTest, DisguisedFieldsGoWhole) {
  struct Case {
    const char* why;
    std::string_view field;
    bool goes;
  };
  constexpr Case kCases[] = {
      {"a bare LF", "Subject: a\nAuthentication-Results: mx.example; dkim=pass", true},
      {"a bare CR", "Subject: a\rAuthentication-Results: mx.example; dkim=pass", true},
      {"a bare LF and a space", "Subject: a\n authentication-results: b; dkim=pass", true},
      {"CR CR LF", "Subject: a\r\r\n Authentication-Results: b; dkim=pass", true},
      {"a bare LF and NUL", "Subject: a\n\0Authentication-Results: b; dkim=pass"sv, true},
      {"behind a fold", "Subject: a\r\n b\nAuthentication-Results: b; dkim=pass", true},
      {"behind ours", "Authentication-Results: b; none\nAuthentication-Results: c; none", true},
      {"a bare LF and a fold", "Subject: a\nAuthentication-Results\r\n : mx.example", true},
      {"a fold before the colon", "Authentication-Results\r\n : mx.example; dkim=pass", true},
      {"a fold within the name", "Authentication-\r\n\tResults: mx.example; dkim=pass", true},
      {"NUL before the name", "\0Authentication-Results: mx.example; dkim=pass"sv, true},
      {"NUL within the name", "Authentication\0-Results: mx.example; dkim=pass"sv, true},
      {"NUL before the colon", "Authentication-Results\0: mx.example; dkim=pass"sv, true},
      {"NBSP before the colon", "Authentication-Results\u00a0: mx.example; dkim=pass", true},
      {"NBSP of Latin-1", "Authentication-Results\xa0: mx.example; dkim=pass", true},
      {"BOM before the name", "\ufeffAuthentication-Results: mx.example; dkim=pass", true},
      {"ZWSP within the name", "Authentication\u200b-Results: mx.example; dkim=pass", true},
      {"a space before the name", " Authentication-Results: mx.example; dkim=pass", true},
      {"a space within the name", "Authentication- Results: mx.example; dkim=pass", true},
      {"no id", "\ufeffAuthentication-Results: dkim=pass", true},
      {"another name", "X-Authentication-Results: mx.example; dkim=pass", false},
      {"another name behind LF", "Subject: a\nX-Authentication-Results: b; dkim=pass", false},
      {"no colon", "Subject: a\nAuthentication-Results; b", false},
      {"text before it", "Subject: a\nsee Authentication-Results: b", false},
      {"a fold", "Subject: a\r\n Authentication-Results: mx.example; dkim=pass", false},
      {"a value", "Subject: Authentication-Results: mx.example; dkim=pass", false},
  };
  for (const Case& c : kCases) {
    const std::string header = std::string(c.field) + "\r\nFrom: a@b.example\r\n";
    const std::vector<Removal> plan = Plan(header);
    ASSERT_EQ(plan.size(), c.goes ? 1u : 0u) << c.why;
    if (!c.goes) continue;
    const bool is_named = c.field.starts_with("Authentication-Results:");
    EXPECT_EQ(plan[0], (Removal{0, is_named ? 1u : 0u, RemovalReason::kDisguised})) << c.why;
  }
}

// An MTA's field of a milter: the line break is a CRLF without a fold.
TEST(RemovalPlanTest, ALineInAnMtasFieldIsDisguised) {
  mail::MessageReader reader;
  ASSERT_TRUE(reader.AddField("Subject", " a\nAuthentication-Results: mx.example; none").ok());
  ASSERT_TRUE(reader.AddField("Subject", " a\n\tAuthentication-Results: mx.example").ok());
  reader.EndOfHeader();
  const std::vector<std::string> ids = {"mx.example"};
  EXPECT_EQ(PlanRemoval(reader.fields(), {.authserv_ids = ids}),
            (std::vector<Removal>{{0, 0, RemovalReason::kDisguised}}));
}

TEST(RemovalPlanTest, WithoutIdsOnlyWhatIsNobodysBusinessToReadGoes) {
  mail::MessageReader reader;
  reader.Feed(
      "Authentication-Results: mx.example; none\r\n"
      "Authentication-Results: mx.example 2; none\r\n"
      "Authentication-Results: other.example; (\r\n\r\n");
  const std::vector<Removal> want = {{1, 2, RemovalReason::kUnsupportedVersion}};
  EXPECT_EQ(PlanRemoval(reader.fields(), {}), want);
}

}  // namespace
}  // namespace postseal::authres
