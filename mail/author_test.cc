#include "mail/author.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "gtest/gtest.h"
#include "mail/mailbox.h"
#include "mail/message_reader.h"

namespace postseal::mail {
namespace {

// Header is a message's header, and what FindAuthors says of it.
class Header {
 public:
  explicit Header(std::string_view header) {
    reader_.Feed(header);
    reader_.Feed("\r\n");
    reader_.Finish();
    authors_ = FindAuthors(reader_.fields(), &arena_);
  }

  const Authors& authors() const { return authors_; }
  AuthorState state() const { return authors_.state; }
  std::string Domains() const { return absl::StrJoin(authors_.domains, " "); }

 private:
  MessageReader reader_;
  base::Arena arena_;
  Authors authors_;
};

struct Case {
  std::string_view header;
  AuthorState state;
  std::string_view domains;
  const char* why;
};

void ExpectState(const Case& c) {
  const Header header(c.header);
  EXPECT_EQ(AuthorStateText(header.state()), AuthorStateText(c.state)) << c.why << ": " << c.header;
  EXPECT_EQ(header.Domains(), c.domains) << c.why << ": " << c.header;
}

TEST(AuthorTest, NamesEachState) {
  using enum AuthorState;
  const Case cases[] = {
      {"Subject: x\r\n", kMissing, "", "no From field"},
      {"", kMissing, "", "no field at all"},
      {"From: a@b.example\r\n", kOneAuthor, "b.example", "RFC 5322 §3.6.2"},
      {"FROM : A\r\n <a@b.example>\r\n", kOneAuthor, "b.example", "RFC 5322 §4.5, §1.2.2"},
      {"From: T: a@b.example;\r\n", kOneAuthor, "b.example", "a group of one, RFC 6854 §2.1"},
      {"From: a@b, c@d\r\n", kSeveralDomains, "b d", "RFC 9989 §5.3.1: more than one domain"},
      {"From: a@b, c@B\r\n", kSeveralMailboxes, "b", "one domain, whatever its case"},
      {"From: a@b\r\nFrom: a@b\r\n", kSeveralFields, "b", "RFC 5322 §3.6: one field at most"},
      {"From: a@b\r\nFrom: c@d\r\n", kSeveralFields, "b d", "for a report: all domains"},
      {"From: a@b\r\nFrom: ?\r\n", kSeveralFields, "b", "one of them malformed"},
      {"From: a b\r\n", kMalformed, "", "no address"},
      {"From:\r\n", kMalformed, "", "nothing"},
      {"From: a@b c\r\n", kMalformed, "b", "text behind an address"},
      {"From: Nobody:;\r\n", kNoDomain, "", "an empty group has zero authors"},
      {"From: a@[192.0.2.1]\r\n", kNoDomain, "", "a domain-literal is no domain"},
      {"From: a@[192.0.2.1], c@d\r\n", kNoDomain, "d", "the other does not speak for it"},
  };
  for (const Case& c : cases) ExpectState(c);
}

TEST(AuthorTest, SeesWhatForgivingReadersTakeForFrom) {
  using enum AuthorState;
  const std::string nul_before = std::string("\0From: a@b\r\n", 12);
  const std::string nul_behind = std::string("From\0: a@b\r\n", 12);
  const std::string nul_within = std::string("Fr\0om: a@b\r\n", 12);
  const Case cases[] = {
      {" From: a@b\r\n", kMalformed, "", "a first line that begins with SP"},
      {"\tFrom: a@b\r\n", kMalformed, "", "or with TAB"},
      {"From\t: a@b\r\n", kOneAuthor, "b", "WSP before the colon is obs-optional, RFC 5322 §4.5.8"},
      {"From\r\n : a@b\r\n", kMalformed, "", "a fold before the colon"},
      {"Fr\r\n om: a@b\r\n", kMalformed, "", "a fold within the name"},
      {"From \r\n\t : a@b\r\n", kMalformed, "", "white space and a fold"},
      {"F rom: a@b\r\n", kMalformed, "", "a space within the name"},
      {nul_before, kMalformed, "", "NUL before"},
      {nul_behind, kMalformed, "", "NUL behind"},
      {nul_within, kMalformed, "", "NUL within"},
      {"\xef\xbb\xbf"
       "From: a@b\r\n",
       kMalformed, "", "a byte order mark before"},
      {"Subject: x\nFrom: a@b\r\n", kMalformed, "", "behind a bare LF"},
      {"Subject: x\rFrom: a@b\r\n", kMalformed, "", "behind a bare CR"},
      {"From: a@b\nFrom: c@d\r\n", kSeveralFields, "", "one in the other"},
      {"From: a@b\r\nSubject: x\nfrom : c@d\r\n", kSeveralFields, "b", "one beside the other"},
      {" From: c@d\r\nFrom: a@b\r\n", kSeveralFields, "b", "and here"},
  };
  for (const Case& c : cases) ExpectState(c);
  EXPECT_EQ(Header("From: a@b\r\nSubject: x\nFrom: c@d\r\n").authors().lookalike_count, 1u);
}

TEST(AuthorTest, SeesNoFromWhereThereIsNone) {
  using enum AuthorState;
  const Case cases[] = {
      {"From a@b Mon Jan  1 00:00:00 2024\r\nFrom: a@b\r\n", kOneAuthor, "b", "an mbox line"},
      {"From\r\nFrom: a@b\r\n", kOneAuthor, "b", "a name without a colon"},
      {"Subject: x\r\n From: c@d\r\nFrom: a@b\r\n", kOneAuthor, "b", "a folded subject"},
      {"Subject: x\n From: c@d\r\nFrom: a@b\r\n", kOneAuthor, "b", "folded with a bare LF"},
      {"Subject: From: c@d\r\nFrom: a@b\r\n", kOneAuthor, "b", "within a line"},
      {"X-From: c@d\r\nFromm: c@d\r\nFrom: a@b\r\n", kOneAuthor, "b", "other names"},
      {"Subject: x\nFromage: c\r\nFrom: a@b\r\n", kOneAuthor, "b", "another name behind a LF"},
      {"Subject: x\nFrom\r\nFrom: a@b\r\n", kOneAuthor, "b", "a word behind a LF"},
  };
  for (const Case& c : cases) ExpectState(c);
}

TEST(AuthorTest, SaysWhereTheFaultIs) {
  const Header header("Subject: x\r\nFrom : A\r\n <a@b> c\r\n");
  EXPECT_EQ(header.authors().fault, MailboxListFault::kUnexpectedText);
  EXPECT_EQ(header.authors().fault_offset,
            std::string_view("Subject: x\r\nFrom : A\r\n <a@b> ").size());
  const Header two("From: a\r\nFrom: a@\r\n");
  EXPECT_EQ(two.authors().fault, MailboxListFault::kMissingAt) << "that of the first field";
  EXPECT_EQ(two.authors().fault_offset, 7u);
}

TEST(AuthorTest, FlagsAreThoseOfAllFields) {
  const Header header("From: (c)a@b\r\nFrom: <@x:c@d>\r\n");
  EXPECT_TRUE(header.authors().flags.comment);
  EXPECT_TRUE(header.authors().flags.obs_route);
  EXPECT_FALSE(header.authors().flags.group);
}

TEST(AuthorTest, BoundsTheFieldsThatAreParsed) {
  for (const size_t count : {kMaxFromFields, kMaxFromFields + 1}) {
    std::string text;
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, "From: a@d", i, ".example\r\n");
    const Header header(text);
    EXPECT_EQ(header.authors().field_count, count) << "all are counted";
    EXPECT_EQ(header.authors().mailboxes.size(), kMaxFromFields);
    EXPECT_EQ(header.authors().domains.size(), kMaxFromFields);
    EXPECT_EQ(header.state(), AuthorState::kSeveralFields);
  }
}

TEST(AuthorTest, ReadsFieldsFromAnMta) {
  MessageReader reader;
  // A milter hands over folds as a lone LF, and the value with its first space.
  ASSERT_TRUE(reader.AddField("From", " A\n <a@b.example>").ok());
  ASSERT_TRUE(reader.AddField("Subject", " x\nFrom: c@d").ok());
  reader.EndOfHeader();
  base::Arena arena;
  const Authors authors = FindAuthors(reader.fields(), &arena);
  EXPECT_EQ(authors.state, AuthorState::kSeveralFields) << "a line break that is no fold";
  ASSERT_EQ(authors.domains.size(), 1u);
  EXPECT_EQ(authors.domains[0], "b.example");
}

// The attacks of "Composition Kills" (USENIX Security 2020) that rest on two
// readers of one message finding two authors. None may give an author of
// legit.example alone, unless that is what RFC 5322 says.

TEST(AuthorTest, AttackA8SeveralFromFields) {
  ExpectState({"From: <any@attack.example>\r\nFrom: <admin@legit.example>\r\n",
               AuthorState::kSeveralFields, "attack.example legit.example", "in this order"});
  ExpectState({"From: <admin@legit.example>\r\nFrom: <any@attack.example>\r\n",
               AuthorState::kSeveralFields, "legit.example attack.example", "and in the other"});
}

TEST(AuthorTest, AttackA9FromBehindALeadingSpace) {
  ExpectState({" From: <any@attack.example>\r\nFrom: <admin@legit.example>\r\n",
               AuthorState::kSeveralFields, "legit.example", "the first line of the header"});
  ExpectState({"From: <admin@legit.example>\r\n From: <any@attack.example>\r\n",
               AuthorState::kMalformed, "legit.example", "a fold: the value goes on"});
}

TEST(AuthorTest, AttackA10SpaceBeforeTheColon) {
  ExpectState({"From : <any@attack.example>\r\nFrom: <admin@legit.example>\r\n",
               AuthorState::kSeveralFields, "attack.example legit.example", "both are From"});
  ExpectState({"From : <any@attack.example>\r\n", AuthorState::kOneAuthor, "attack.example",
               "RFC 5322 §4.5: it is the From field"});
}

TEST(AuthorTest, AttackA11AFoldedName) {
  ExpectState({"From\r\n : <any@attack.example>\r\nFrom: <admin@legit.example>\r\n",
               AuthorState::kSeveralFields, "legit.example", "a fold before the colon"});
  ExpectState({"From\r\n : <admin@legit.example>\r\n", AuthorState::kMalformed, "", "alone"});
}

TEST(AuthorTest, AttackA12SenderIsNoAuthor) {
  ExpectState({"From: <any@attack.example>\r\nSender: <admin@legit.example>\r\n",
               AuthorState::kOneAuthor, "attack.example", "From counts"});
  ExpectState({"Sender: <admin@legit.example>\r\n", AuthorState::kMissing, "", "nothing else"});
}

TEST(AuthorTest, AttackA13ResentFromIsNoAuthor) {
  ExpectState({"Resent-From: <admin@legit.example>\r\nFrom: <any@attack.example>\r\n",
               AuthorState::kOneAuthor, "attack.example", "From counts"});
  ExpectState({"Resent-From: <admin@legit.example>\r\n", AuthorState::kMissing, "", "alone"});
}

TEST(AuthorTest, AttackA14SeveralAddresses) {
  ExpectState({"From: <any@attack.example>, <admin@legit.example>\r\n",
               AuthorState::kSeveralDomains, "attack.example legit.example", "two authors"});
  ExpectState({"From: T: <any@attack.example>;, <admin@legit.example>\r\n",
               AuthorState::kSeveralDomains, "attack.example legit.example", "one in a group"});
}

TEST(AuthorTest, AttackA15AnEncodedWordForAnAddress) {
  const std::string_view encoded = "=?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=";  // <admin@legit...>
  ExpectState({"From: =?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=, <any@attack.example>\r\n",
               AuthorState::kMalformed, "", "words without an address are no mailbox"});
  const Header name(absl::StrCat("From: ", encoded, " <any@attack.example>\r\n"));
  EXPECT_EQ(name.state(), AuthorState::kOneAuthor);
  EXPECT_EQ(name.Domains(), "attack.example") << "a display-name, whatever it shows";
  EXPECT_TRUE(name.authors().flags.address_in_name);
  const Header local(absl::StrCat("From: ", encoded, "@attack.example\r\n"));
  EXPECT_EQ(local.Domains(), "attack.example") << "not decoded within an addr-spec";
  EXPECT_EQ(local.authors().mailboxes[0].local_part, encoded);
  EXPECT_TRUE(local.authors().flags.encoded_word_in_address);
  const Header domain("From: any@=?utf-8?q?legit.example?=\r\n");
  EXPECT_EQ(domain.Domains(), "=?utf-8?q?legit.example?=") << "nor in a domain";
  EXPECT_TRUE(domain.authors().flags.encoded_word_in_address);
}

TEST(AuthorTest, AttackA16ASourceRoute) {
  const Header header("From: <@attack.example,@any.example:admin@legit.example>\r\n");
  EXPECT_EQ(header.state(), AuthorState::kOneAuthor);
  EXPECT_EQ(header.Domains(), "legit.example") << "RFC 5322 §4.4: the route is ignored";
  EXPECT_TRUE(header.authors().flags.obs_route) << "and reported";
  ExpectState({"From: <admin@legit.example:any@attack.example>\r\n", AuthorState::kMalformed,
               "legit.example", "no route without its first \"@\""});
}

TEST(AuthorTest, AttackA17ABackslash) {
  ExpectState({"From: <any@attack.example>\\,<admin@legit.example>\r\n", AuthorState::kMalformed,
               "attack.example", "no quoted-pair outside of quotes and comments"});
  ExpectState({"From: any\\@attack.example <admin@legit.example>\r\n", AuthorState::kMalformed, "",
               "nor in an atom"});
}

TEST(AuthorTest, AttackA18AComma) {
  ExpectState({"From: any,<admin@legit.example>\r\n", AuthorState::kMalformed, "",
               "a word before the comma is no mailbox"});
  ExpectState({"From: <any@attack.example,admin@legit.example>\r\n", AuthorState::kMalformed,
               "attack.example", "two addresses in one pair of angles"});
  ExpectState({"From: ,<admin@legit.example>\r\n", AuthorState::kOneAuthor, "legit.example",
               "obs-mbox-list: nothing is hidden"});
}

TEST(AuthorTest, AttackA19TextBehindTheAngles) {
  ExpectState({"From: <any@attack.example>admin@legit.example\r\n", AuthorState::kMalformed,
               "attack.example", "two addresses without a comma"});
  ExpectState({"From: admin@legit.example<any@attack.example>\r\n", AuthorState::kMalformed,
               "legit.example", "in the other order"});
}

TEST(AuthorTest, CommentsAndQuotedStringsHideNoDomain) {
  ExpectState({"From: any@attack.example(.legit.example)\r\n", AuthorState::kOneAuthor,
               "attack.example", "a comment behind the domain"});
  ExpectState({"From: \"admin@legit.example\"@attack.example\r\n", AuthorState::kOneAuthor,
               "attack.example", "an \"@\" in the local-part"});
  ExpectState({"From: \"<admin@legit.example>\" <any@attack.example>\r\n", AuthorState::kOneAuthor,
               "attack.example", "angles in the display-name"});
  ExpectState({"From: (<admin@legit.example>) any@attack.example\r\n", AuthorState::kOneAuthor,
               "attack.example", "and in a comment"});
  ExpectState(
      {"From: admin@legit.example(\r\n", AuthorState::kMalformed, "", "a comment without end"});
}

TEST(AuthorTest, ControlsAreReported) {
  EXPECT_TRUE(Header("From: \"\xe2\x80\xae"
                     "moc\" <a@b>\r\n")
                  .authors()
                  .flags.bidi_control);
  EXPECT_TRUE(Header("From: \"\x08\" <a@b>\r\n").authors().flags.control);
  ExpectState({"From: a@b\xe2\x80\xae\r\n", AuthorState::kOneAuthor, "b\xe2\x80\xae",
               "a domain that is no name: dns::Name refuses it"});
  ExpectState({std::string_view("From: a@legit.example\0.attack.example\r\n", 39),
               AuthorState::kMalformed, "", "a NUL ends nothing"});
}

TEST(AuthorTest, TheLimits) { EXPECT_EQ(kMaxFromFields, 8u); }

}  // namespace
}  // namespace postseal::mail
