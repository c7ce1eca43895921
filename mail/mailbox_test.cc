#include "mail/mailbox.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

// Shown is the mailboxes of |list|, "name+" before those with a display name and
// "group+" before those of a group.
std::string Shown(const MailboxList& list) {
  std::vector<std::string> shown;
  for (const Mailbox& mailbox : list.mailboxes) {
    shown.push_back(absl::StrCat(mailbox.in_group ? "group+" : "",
                                 mailbox.has_display_name ? "name+" : "", mailbox.local_part, "@",
                                 mailbox.domain));
  }
  return absl::StrJoin(shown, " ");
}

// Names is the names of the |flags| that are set.
std::string Names(const MailboxListFlags& flags) {
  std::vector<std::string> names;
  if (flags.group) names.push_back("group");
  if (flags.comment) names.push_back("comment");
  if (flags.obsolete) names.push_back("obsolete");
  if (flags.obs_phrase) names.push_back("obs_phrase");
  if (flags.obs_route) names.push_back("obs_route");
  if (flags.literal) names.push_back("literal");
  if (flags.non_ascii) names.push_back("non_ascii");
  if (flags.control) names.push_back("control");
  if (flags.bidi_control) names.push_back("bidi_control");
  if (flags.address_in_name) names.push_back("address_in_name");
  if (flags.stray_dots) names.push_back("stray_dots");
  if (flags.encoded_word_in_address) names.push_back("encoded_word_in_address");
  return absl::StrJoin(names, " ");
}

struct Accepted {
  std::string_view text;
  std::string_view mailboxes;
  std::string_view flags;
  const char* why;
};

void ExpectAccepted(const Accepted& c) {
  base::Arena arena;
  const MailboxList list = ParseMailboxList(c.text, &arena);
  EXPECT_EQ(list.fault, MailboxListFault::kNone)
      << c.why << ": " << MailboxListFaultText(list.fault) << " at " << list.fault_offset;
  EXPECT_EQ(Shown(list), c.mailboxes) << c.why;
  EXPECT_EQ(Names(list.flags), c.flags) << c.why;
}

struct Refused {
  std::string_view text;
  MailboxListFault fault;
  size_t offset;
  const char* why;
};

void ExpectRefused(const Refused& c) {
  base::Arena arena;
  const MailboxList list = ParseMailboxList(c.text, &arena);
  EXPECT_EQ(MailboxListFaultText(list.fault), MailboxListFaultText(c.fault))
      << c.why << ": " << c.text;
  EXPECT_EQ(list.fault_offset, c.offset) << c.why << ": " << c.text;
}

TEST(MailboxListTest, AcceptsTheGrammar) {  // RFC 5322 §3.4
  const Accepted cases[] = {
      {"a@b.example", "a@b.example", "", "addr-spec"},
      {"<a@b>", "a@b", "", "angle-addr without a name"},
      {" A. <a@b>", "name+a@b", "obs_phrase", "a \".\" in a name is obs-phrase"},
      {"A B <a@b>, \"C\" <c@d>", "name+a@b name+c@d", "", "mailbox-list"},
      {"\"A\"B<a@b>", "name+a@b", "", "the CFWS of words is optional"},
      {" \t(c) a (c) @ (c) b (c) ", "a@b", "comment", "CFWS about the atoms"},
      {"(c)N(c)<(c)a@b(c)>(c)", "name+a@b", "comment", "CFWS about the angles"},
      {"(a (b \\) \\( (c)) \"@\" <x>)a@b", "a@b", "comment", "comments nest, and hide anything"},
      {"\"a b\"@c", "\"a b\"@c", "", "local-part = quoted-string"},
      {"\"a\\\"@x, b\"@c", "\"a\\\"@x, b\"@c", "", "a quoted-pair and specials within"},
      {"\"\"@c", "\"\"@c", "", "a quoted-string may be empty"},
      {"!#$%&'*+-/=?^_`{|}~@b", "!#$%&'*+-/=?^_`{|}~@b", "", "atext"},
      {"a@[192.0.2.1]", "a@[192.0.2.1]", "literal", "domain-literal"},
      {"a@(c)[ 192.0 .2.1 ](c)", "a@[192.0.2.1]", "comment literal", "FWS within is no part"},
      {"Team: A <a@b>, c@d ;", "group+name+a@b group+c@d", "group", "RFC 6854 §2.1"},
      {"\"T\":;", "", "group", "an empty group has no mailbox"},
      {"T: (c) ;(c), x@y", "x@y", "group comment", "group-list = CFWS"},
      {"T:a@b;, U:c@d;", "group+a@b group+c@d", "group", "two groups"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, AcceptsAndFlagsStrayDots) {
  const Accepted cases[] = {
      {"a..b@c", "a..b@c", "stray_dots", "doubled"},
      {"a.@c", "a.@c", "stray_dots", "at the end"},
      {".a@c", ".a@c", "stray_dots", "at the beginning"},
      {"..a...b..@c", "..a...b..@c", "stray_dots", "many"},
      {"N <a.@c>, d@e", "name+a.@c d@e", "stray_dots", "in angles"},
      {"\"a\".@c", "\"a\".@c", "obsolete stray_dots", "behind a quoted-string"},
      {"\"a..b\"@c", "\"a..b\"@c", "", "quoted, they are no stray dots"},
      {"a.. <b@c>", "name+b@c", "obs_phrase", "in a name they are obs-phrase, RFC 5322 §4.1"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, AcceptsAndFlagsObsoleteSyntax) {  // RFC 5322 §4.1, §4.4
  const Accepted cases[] = {
      {"a . b@c", "a.b@c", "obsolete", "obs-local-part: CFWS about the dot"},
      {"a.(x)b.c@d", "a.b.c@d", "comment obsolete", "and a comment"},
      {"\"a\".b@c", "\"a\".b@c", "obsolete", "and a quoted-string as word"},
      {"a.\"b\"@c", "a.\"b\"@c", "obsolete", "in the second place"},
      {"a@b . c.d .e", "a@b.c.d.e", "obsolete", "obs-domain"},
      {"a@b.(x)c , e . f@g. h", "a@b.c e.f@g.h", "comment obsolete", "in two mailboxes"},
      {"<@x:a@b>", "a@b", "obs_route", "obs-angle-addr"},
      {"N <(c), ,@x.y ,, @[z](c) , : a@b>", "name+a@b", "comment obs_route", "obs-domain-list"},
      {", a@b,,c@d (x),", "a@b c@d", "comment obsolete", "obs-addr-list: null members"},
      {"T:,;", "", "group obsolete", "obs-group-list"},
      {"T:,a@b,;", "group+a@b", "group obsolete", "obs-mbox-list in a group"},
      {"a@[x\\]y]", "a@[x\\]y]", "obsolete literal", "obs-dtext: quoted-pair"},
      {"(\x01)\"\x7f\"@b", "\"\x7f\"@b", "comment obsolete control", "obs-ctext, obs-qtext"},
      {"\"\\\x01\"@b", "\"\\\x01\"@b", "obsolete control", "obs-qp"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, NamesEachFaultWithItsOffset) {
  using enum MailboxListFault;
  const Refused cases[] = {
      {"", kNoAddress, 0, "one address at least"},
      {" (c) ", kNoAddress, 5, "CFWS is none"},
      {",,", kNoAddress, 2, "null members are none"},
      {"a@b, @c", kBadLocalPart, 5, "nothing before \"@\""},
      {"<>", kBadLocalPart, 1, "an addr-spec is never empty"},
      {"<@x:>", kBadLocalPart, 4, "a route alone is none"},
      {"<@x>", kBadRoute, 3, "a route ends in \":\""},
      {"<,a@b>", kBadRoute, 2, "a route has a domain"},
      {"<@x @y:a@b>", kBadRoute, 4, "\",\" between the domains of a route"},
      {"<@:a@b>", kBadDomain, 2, "a domain after its \"@\""},
      {"a", kMissingAt, 1, "a word"},
      {"a b", kMissingAt, 3, "words"},
      {"<a>", kMissingAt, 2, "no domain in the angles"},
      {"a b@c", kBadLocalPart, 0, "two words without a dot"},
      {"\"a\"b@c", kBadLocalPart, 0, "a quoted-string and an atom without a dot"},
      {".@b", kBadLocalPart, 0, "dots without a word"},
      {"a..b c@d", kBadLocalPart, 0, "stray dots join no words"},
      {".A <a@b>", kBadName, 0, "obs-phrase begins with a word"},
      {"a@", kBadDomain, 2, "nothing after \"@\""},
      {"a@.b", kBadDomain, 2, "no atom before the dot"},
      {"a@b.", kBadDomain, 4, "no atom after the dot"},
      {"a@b..c", kBadDomain, 4, "nor between dots"},
      {"a@\"b\"", kBadDomain, 2, "a domain has no quoted-string"},
      {"a@b@c", kUnexpectedText, 3, "one \"@\""},
      {"a@b c", kUnexpectedText, 4, "obs-domain has dots between atoms"},
      {"a@[b", kUnclosedLiteral, 4, "no \"]\""},
      {"a@[b[c]]", kUnclosedLiteral, 4, "\"[\" is no dtext"},
      {"a@[b]c", kUnexpectedText, 5, "a literal is a whole domain"},
      {"<a@b", kUnclosedAngle, 4, "no \">\""},
      {"<a@b c>", kUnclosedAngle, 5, "text before it"},
      {"x<<a@b>>", kBadLocalPart, 2, "angles do not nest"},
      {"x <\"a@b>", kUnclosedQuotedString, 3, "no DQUOTE"},
      {"\"a\\\"@b", kUnclosedQuotedString, 0, "an escaped one is none"},
      {"\"a\\", kUnclosedQuotedString, 0, "a backslash at the end"},
      {"a@b (c", kUnclosedComment, 4, "no \")\""},
      {"a@b (c(d)", kUnclosedComment, 4, "one of two"},
      {"a@b (c\\)", kUnclosedComment, 4, "an escaped one is none"},
      {"a@b (c\\", kUnclosedComment, 4, "a backslash at the end"},
      {"a@b)", kUnexpectedText, 3, "\")\" alone"},
      {"T: a@b", kUnclosedGroup, 6, "no \";\""},
      {"T:", kUnclosedGroup, 2, "no \";\" after nothing"},
      {"T: a@b,", kUnclosedGroup, 7, "no \";\" after a comma"},
      {"T: U: a@b;;", kMissingAt, 4, "groups do not nest"},
      {":a@b;", kNoAddress, 0, "a group has a name"},
      {"a@b;", kUnexpectedText, 3, "\";\" without a group"},
      {"T:; a@b", kUnexpectedText, 4, "\",\" after a group, too"},
      {std::string_view("a\0@b", 4), kBadOctet, 1, "NUL"},
      {std::string_view("\"\\\0\"@b", 6), kBadOctet, 2, "NUL, in a quoted-pair as well"},
      {"a@b\r", kBadOctet, 3, "bare CR"},
      {"a@b\n", kBadOctet, 3, "bare LF"},
      {"a@b\r\n", kBadOctet, 3, "a CRLF that folds nothing"},
      {"a@b (\r\n\r\n )", kBadOctet, 5, "likewise in a comment"},
      {"\x01@b", kNoAddress, 0, "a control is no atext"},
      {"a@b\x7f", kUnexpectedText, 3, "nor is DEL"},
      {"a@\xfc", kBadUtf8, 2, "Latin-1"},
      {"\"\xc0\xaf\"@b", kBadUtf8, 1, "an overlong form, RFC 3629 §3"},
      {"\"\xed\xa0\x80\"@b", kBadUtf8, 1, "a surrogate"},
      {"\xc3", kBadUtf8, 0, "half a character"},
  };
  for (const Refused& c : cases) ExpectRefused(c);
}

TEST(MailboxListTest, KeepsTheMailboxesBeforeAFault) {
  base::Arena arena;
  const MailboxList list = ParseMailboxList("a@b, \"C\" <c@d> e, f@g", &arena);
  EXPECT_EQ(list.fault, MailboxListFault::kUnexpectedText);
  EXPECT_EQ(Shown(list), "a@b name+c@d");
}

TEST(MailboxListTest, ReadsTheExamplesOfRfc5322AppendixA) {
  const Accepted cases[] = {
      {"John Doe <jdoe@machine.example>", "name+jdoe@machine.example", "", "A.1.1"},
      {"\"Joe Q. Public\" <john.q.public@example.com>", "name+john.q.public@example.com", "",
       "A.1.2"},
      {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
       "name+mary@x.test jdoe@example.org name+one@y.test", "", "A.1.2"},
      {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
       "boss@nil.test name+sysservices@example.net", "", "A.1.2"},
      {"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
       "group+name+c@a.test group+joe@where.test group+name+jdoe@one.test", "group", "A.1.3"},
      {"Undisclosed recipients:;", "", "group", "A.1.3"},
      {"\"Mary Smith: Personal Account\" <smith@home.example>", "name+smith@home.example", "",
       "A.2"},
      {" Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "name+pete@silly.test",
       "comment", "A.5"},
      {"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
       "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the "
       "group)",
       "group+name+c@public.example group+joe@example.org group+name+jdoe@one.test",
       "group comment", "A.5"},
      {"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "", "group comment",
       "A.5"},
      {"Joe Q. Public <john.q.public@example.com>", "name+john.q.public@example.com", "obs_phrase",
       "A.6.1"},
      {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
       "name+mary@example.net jdoe@test.example", "obsolete obs_route", "A.6.1"},
      {"John Doe <jdoe@machine(comment).  example>", "name+jdoe@machine.example",
       "comment obsolete", "A.6.3"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, ReadsInternationalizedAddresses) {  // RFC 6532 §3.2
  const Accepted cases[] = {
      {"Jos\xc3\xa9 <jos\xc3\xa9@ex\xc3\xa4mple.example>",
       "name+jos\xc3\xa9@ex\xc3\xa4mple.example", "non_ascii", "in atoms"},
      {"\"\xe4\xbd\xa0\"@b (\xe5\xa5\xbd)", "\"\xe4\xbd\xa0\"@b", "comment non_ascii",
       "in quoted-strings and comments"},
      {"a@[\xc3\xa4]", "a@[\xc3\xa4]", "literal non_ascii", "in domain-literals"},
      {"a\xc2\x85@b", "a\xc2\x85@b", "non_ascii control", "a C1 control, U+0085"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, FoldsCountForNothing) {  // RFC 5322 §3.2.2
  const Accepted cases[] = {
      {"\r\n a@b", "a@b", "", "before"},
      {"A\r\n B\r\n\t<a@b>\r\n ,c@d", "name+a@b c@d", "", "between"},
      {"\"a\r\n b\"@c", "\"a b\"@c", "", "the CRLF in a quoted-string is invisible, §3.2.4"},
      {"\"a\\\r\n b\"@c", "\"a\\ b\"@c", "", "a quoted-pair of the space behind a fold"},
      {"a@b\r\n .c", "a@b.c", "obsolete", "in a domain"},
      {"a@[b\r\n c]", "a@[bc]", "literal", "in a domain-literal"},
      {"a@b (c\r\n \r\n d)", "a@b", "comment", "obs-FWS in a comment"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
  ExpectRefused({"A\r\n B\r\n C", MailboxListFault::kMissingAt, 9, "offsets count the folds"});
  ExpectRefused({"a@b\r\n c\r\n d", MailboxListFault::kUnexpectedText, 6, "those before only"});
}

TEST(MailboxListTest, FlagsWhatMisleadsAPerson) {
  const Accepted cases[] = {
      {"\"a@legit.example\" <x@y>", "name+x@y", "address_in_name", "an address as name"},
      {"\"a\\@legit.example\" <x@y>", "name+x@y", "address_in_name", "escaped"},
      {"=?utf-8?q?a=40legit.example?= <x@y>", "name+x@y", "obs_phrase address_in_name",
       "encoded, Q; \".\" may not be in it, RFC 2047 §5 (3), but is"},
      {"=?utf-8?b?YUBsZWdpdC5leGFtcGxl?= <x@y>", "name+x@y", "address_in_name", "encoded, B"},
      {"\"=?utf-8?q?a=40legit.example?=\" <x@y>", "name+x@y", "address_in_name",
       "encoded in a quoted-string: some readers decode there"},
      {"=?utf-8?q?Joe_User?= <x@y>", "name+x@y", "", "a name"},
      {"\"a@b\"@y", "\"a@b\"@y", "", "a local-part is no name"},
      {"\"\xe2\x80\xae\" <x@y>", "name+x@y", "non_ascii bidi_control", "U+202E, an override"},
      {"\"\xe2\x80\xaa\" <x@y>", "name+x@y", "non_ascii bidi_control", "U+202A, the first"},
      {"\"\xe2\x80\xa9\" <x@y>", "name+x@y", "non_ascii", "U+2029 is before them"},
      {"\"\xe2\x80\xaf\" <x@y>", "name+x@y", "non_ascii", "U+202F is behind them"},
      {"\"\xe2\x81\xa6\" <x@y>", "name+x@y", "non_ascii bidi_control", "U+2066, an isolate"},
      {"\"\xe2\x81\xa9\" <x@y>", "name+x@y", "non_ascii bidi_control", "U+2069, the last"},
      {"\"\xe2\x81\xaa\" <x@y>", "name+x@y", "non_ascii", "U+206A is behind them"},
  };
  for (const Accepted& c : cases) ExpectAccepted(c);
}

TEST(MailboxListTest, BoundsTheMailboxes) {
  for (const size_t count : {kMaxMailboxes, kMaxMailboxes + 1}) {
    std::vector<std::string> mailboxes(count, "a@b");
    const std::string text = absl::StrJoin(mailboxes, ",");
    base::Arena arena;
    const MailboxList list = ParseMailboxList(text, &arena);
    EXPECT_EQ(list.mailboxes.size(), kMaxMailboxes);
    const bool is_within = count == kMaxMailboxes;
    EXPECT_EQ(list.fault,
              is_within ? MailboxListFault::kNone : MailboxListFault::kTooManyMailboxes);
    EXPECT_EQ(list.fault_offset, is_within ? 0 : 4 * kMaxMailboxes) << "the one too many";
  }
}

TEST(MailboxListTest, BoundsTheDepthOfComments) {
  for (const size_t depth : {kMaxCommentDepth, kMaxCommentDepth + 1}) {
    const std::string text = "a@b" + std::string(depth, '(') + std::string(depth, ')');
    base::Arena arena;
    const MailboxList list = ParseMailboxList(text, &arena);
    const bool is_within = depth == kMaxCommentDepth;
    EXPECT_EQ(list.fault, is_within ? MailboxListFault::kNone : MailboxListFault::kCommentTooDeep);
    EXPECT_EQ(list.fault_offset, is_within ? 0 : 3 + kMaxCommentDepth);
  }
}

TEST(MailboxListTest, BoundsTheLength) {
  for (const size_t octets : {kMaxMailboxListOctets, kMaxMailboxListOctets + 1}) {
    const std::string text = "a@b" + std::string(octets - 3, ' ');
    base::Arena arena;
    const MailboxList list = ParseMailboxList(text, &arena);
    const bool is_within = octets == kMaxMailboxListOctets;
    EXPECT_EQ(list.fault, is_within ? MailboxListFault::kNone : MailboxListFault::kTooLong);
    EXPECT_EQ(list.fault_offset, is_within ? 0 : kMaxMailboxListOctets);
    EXPECT_EQ(list.mailboxes.size(), is_within ? 1u : 0u);
  }
}

TEST(MailboxListTest, HoldsLittleForMuchText) {
  // Every octet of it is joined, and none is copied twice.
  std::string text = "a";
  while (text.size() + 4 < kMaxMailboxListOctets) text += ". a";
  text += "@b";
  base::Arena arena;
  const MailboxList list = ParseMailboxList(text, &arena);
  ASSERT_EQ(list.mailboxes.size(), 1u);
  EXPECT_EQ(list.mailboxes[0].local_part.find(' '), std::string_view::npos);
  EXPECT_LE(arena.reserved(), 2 * kMaxMailboxListOctets);
}

TEST(MailboxListTest, DistinctDomainsIgnoresCaseAndLiterals) {
  const struct {
    std::string_view text;
    std::string_view domains;
    const char* why;
  } cases[] = {
      {"a@x.example", "x.example", "one"},
      {"a@x.example, b@X.EXAMPLE", "x.example", "case does not count, RFC 1035 §2.3.3"},
      {"a@B.example, a@a.example, c@b.example", "B.example a.example", "in their order"},
      {"a@[192.0.2.1], b@c", "c", "a domain-literal is no domain"},
      {"a@[192.0.2.1]", "", "nor is it alone"},
      {"T:;", "", "no mailbox, no domain"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const MailboxList list = ParseMailboxList(c.text, &arena);
    EXPECT_EQ(absl::StrJoin(DistinctDomains(list.mailboxes, &arena), " "), c.domains) << c.why;
  }
}

}  // namespace
}  // namespace postseal::mail
