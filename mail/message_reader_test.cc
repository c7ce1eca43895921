#include "mail/message_reader.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "mail/field.h"

namespace postseal::mail {
namespace {

using std::string_view_literals::operator""sv;

struct NameValue {
  std::string_view name;
  std::string_view value;
  friend bool operator==(const NameValue&, const NameValue&) = default;
  friend void PrintTo(const NameValue& field, std::ostream* out) {
    *out << '{' << testing::PrintToString(field.name) << ": " << testing::PrintToString(field.value)
         << '}';
  }
};

std::vector<NameValue> NamesAndValues(const MessageReader& reader) {
  std::vector<NameValue> fields;
  for (const Field& field : reader.fields()) fields.push_back({field.name, field.value});
  return fields;
}

std::string FlagNames(const HeaderFlags& flags) {
  std::string names;
  const auto add = [&names](bool flag, const char* name) {
    if (flag) names += names.empty() ? name : std::string(" ") + name;
  };
  add(flags.bare_cr, "bare_cr");
  add(flags.bare_lf, "bare_lf");
  add(flags.nul, "nul");
  add(flags.non_ascii, "non_ascii");
  add(flags.invalid_utf8, "invalid_utf8");
  add(flags.long_line, "long_line");
  add(flags.malformed_line, "malformed_line");
  add(flags.obsolete_colon, "obsolete_colon");
  add(flags.mbox_line, "mbox_line");
  add(flags.no_blank_line, "no_blank_line");
  return names;
}

struct Case {
  std::string_view message;
  std::vector<NameValue> fields;
  std::string_view body;
  std::string_view flags;
  const char* why;
};

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      {"A: b\r\n\r\nbody"sv, {{"A", " b"}}, "body", "", "the common message"},
      {"A:b\r\nC:\td\r\n\r\n"sv, {{"A", "b"}, {"C", "\td"}}, "", "", "white space stays"},
      {"A: b\r\n c\r\n\td\r\nE: f\r\n\r\n"sv,
       {{"A", " b\r\n c\r\n\td"}, {"E", " f"}},
       "",
       "",
       "folds stay in the value, RFC 5322 §2.2.3"},
      {"A: b\r\n \r\nE: f\r\n\r\n"sv,
       {{"A", " b\r\n "}, {"E", " f"}},
       "",
       "",
       "a line of white space is a fold and no blank line"},
      {"A:\r\n b\r\n\r\n"sv, {{"A", "\r\n b"}}, "", "", "folded at once"},
      {"A:\r\n\r\n"sv, {{"A", ""}}, "", "", "an empty value"},
      {"\r\nA: b\r\n\r\n"sv, {}, "A: b\r\n\r\n", "", "no field: the message begins with its body"},
      {""sv, {}, "", "no_blank_line", "nothing at all"},
      {"A: b\r\n"sv, {{"A", " b"}}, "", "no_blank_line", "no body, RFC 5322 §3.5"},
      {"A: b"sv, {{"A", " b"}}, "", "no_blank_line", "cut within a line"},
      {"A: b\r"sv, {{"A", " b\r"}}, "", "bare_cr no_blank_line", "cut within a CRLF"},
      {"A: b\r\n\r"sv,
       {{"A", " b"}, {"", "\r"}},
       "",
       "bare_cr malformed_line no_blank_line",
       "cut within the blank line"},
      {"A: b\n\nC: d\r\n\r\n"sv, {{"A", " b\n\nC: d"}}, "", "bare_lf", "LF LF ends no header"},
      {"A: b\r\n\nC: d\r\n\r\n"sv,
       {{"A", " b"}, {"", "\nC: d"}},
       "",
       "bare_lf malformed_line",
       "CRLF LF ends no header, nor begins a field"},
      {"A: b\n\r\nC: d\r\n\r\n"sv, {{"A", " b\n"}, {"C", " d"}}, "", "bare_lf", "LF CRLF"},
      {"A: b\r\r\nC: d\r\n\r\n"sv, {{"A", " b\r"}, {"C", " d"}}, "", "bare_cr", "CR CRLF"},
      {"A: b\r\n\r\r\n\r\nx"sv,
       {{"A", " b"}, {"", "\r"}},
       "x",
       "bare_cr malformed_line",
       "a line of CR is not blank"},
      {"A: b\rFrom: c\r\n\r\n"sv, {{"A", " b\rFrom: c"}}, "", "bare_cr", "CR ends no line"},
      {"A: b\nFrom: c\r\n\r\n"sv, {{"A", " b\nFrom: c"}}, "", "bare_lf", "LF ends no line"},
      {"A: \0\r\n\r\n"sv, {{"A", " \0"sv}}, "", "nul", "NUL is an octet"},
      {"A: \xc3\xa9\r\n\r\n"sv, {{"A", " \xc3\xa9"}}, "", "non_ascii", "UTF-8, RFC 6532 §3.2"},
      {"A: \xe9\r\n\r\n"sv, {{"A", " \xe9"}}, "", "non_ascii invalid_utf8", "not UTF-8"},
      {"From : a\r\n\r\n"sv, {{"From", " a"}}, "", "obsolete_colon", "RFC 5322 §4.5.2"},
      {"From\t :a\r\n\r\n"sv, {{"From", "a"}}, "", "obsolete_colon", "any white space"},
      {"From\r\n : a\r\n\r\n"sv,
       {{"", "From\r\n : a"}},
       "",
       "malformed_line",
       "a name is not folded: obs-from has WSP only"},
      {" From: a\r\nB: c\r\n\r\n"sv,
       {{"", " From: a"}, {"B", " c"}},
       "",
       "malformed_line",
       "a fold of nothing is no field"},
      {"From a@b.example Mon Jan  1 00:00:00 2024\r\nA: b\r\n\r\n"sv,
       {{"", "From a@b.example Mon Jan  1 00:00:00 2024"}, {"A", " b"}},
       "",
       "malformed_line mbox_line",
       "a mailbox file's line; RFC 4155 appendix A"},
      {"A: b\r\nFrom c\r\n\r\n"sv,
       {{"A", " b"}, {"", "From c"}},
       "",
       "malformed_line",
       "only the first line is a mailbox file's"},
      {"A: b\r\nnonsense\r\nFrom: c\r\n\r\nx"sv,
       {{"A", " b"}, {"", "nonsense"}, {"From", " c"}},
       "x",
       "malformed_line",
       "the header goes on, and From is not hidden"},
      {"A: b\r\nnonsense\r\n From: c\r\n\r\n"sv,
       {{"A", " b"}, {"", "nonsense\r\n From: c"}},
       "",
       "malformed_line",
       "a continuation creates no From"},
      {": b\r\n\r\n"sv, {{"", ": b"}}, "", "malformed_line", "no name"},
      {"F rom: b\r\n\r\n"sv, {{"", "F rom: b"}}, "", "malformed_line", "space within the name"},
      {"\x01From: b\r\n\r\n"sv, {{"", "\x01From: b"}}, "", "malformed_line", "control octet"},
      {"Fr\x7fom: b\r\n\r\n"sv, {{"", "Fr\x7fom: b"}}, "", "malformed_line", "DEL"},
      {"From\0: b\r\n\r\n"sv, {{"", "From\0: b"sv}}, "", "nul malformed_line", "NUL in the name"},
      {"From\xc3\xa9: b\r\n\r\n"sv,
       {{"", "From\xc3\xa9: b"}},
       "",
       "non_ascii malformed_line",
       "RFC 6532 leaves field-name in ASCII"},
      {"!#$%&'*+-./;<=>?@[\\]^_`{|}~\": b\r\n\r\n"sv,
       {{"!#$%&'*+-./;<=>?@[\\]^_`{|}~\"", " b"}},
       "",
       "",
       "every punctuation but the colon is ftext, RFC 5322 §3.6.8"},
      {"A: b: c\r\n\r\n"sv, {{"A", " b: c"}}, "", "", "the first colon counts"},
  };
  return *cases;
}

// FeedAll feeds |message| in chunks of |size|, the first of |first| octets, and
// returns the body.
std::string FeedAll(MessageReader* reader, std::string_view message, size_t first, size_t size) {
  std::string body;
  while (!message.empty()) {
    const std::string_view chunk = message.substr(0, first);
    message.remove_prefix(chunk.size());
    body += reader->Feed(chunk);
    first = size;
  }
  reader->Finish();
  return body;
}

TEST(MessageReaderTest, Table) {
  for (const Case& test : Cases()) {
    SCOPED_TRACE(test.why);
    MessageReader reader;
    EXPECT_EQ(FeedAll(&reader, test.message, test.message.size(), 1), test.body);
    EXPECT_TRUE(reader.header_complete());
    EXPECT_EQ(NamesAndValues(reader), test.fields);
    EXPECT_EQ(FlagNames(reader.flags()), test.flags);
    EXPECT_EQ(reader.fault(), HeaderFault::kNone);
  }
}

TEST(MessageReaderTest, EverySplitGivesTheSame) {
  MessageReader reader;
  for (const Case& test : Cases()) {
    for (size_t first = 0; first <= test.message.size(); ++first) {
      for (const size_t size : {size_t{1}, size_t{2}, size_t{3}, test.message.size() + 1}) {
        reader.Clear();
        ASSERT_EQ(FeedAll(&reader, test.message, first, size), test.body) << test.why;
        ASSERT_EQ(NamesAndValues(reader), test.fields) << test.why;
        ASSERT_EQ(FlagNames(reader.flags()), test.flags) << test.why << first << ',' << size;
      }
    }
  }
}

// raw and offset tile the header, whatever it holds.
TEST(MessageReaderTest, FieldsAreTheWholeHeader) {
  for (const Case& test : Cases()) {
    MessageReader reader;
    FeedAll(&reader, test.message, test.message.size(), 1);
    std::string header;
    for (const Field& field : reader.fields()) {
      EXPECT_EQ(field.offset, header.size()) << test.why;
      header.append(field.raw).append("\r\n");
    }
    if (reader.header() != header) header.resize(header.size() - 2);  // cut within the last
    EXPECT_EQ(reader.header(), header) << test.why;
    EXPECT_EQ(test.message.substr(0, header.size()), header) << test.why;
  }
}

TEST(MessageReaderTest, NamesHaveNoCase) {
  MessageReader reader;
  reader.Feed("fROM: a\r\n\r\n");
  ASSERT_EQ(reader.fields().size(), 1u);
  EXPECT_TRUE(reader.fields()[0].NameIs("From"));
  EXPECT_FALSE(reader.fields()[0].NameIs("Fro"));
  EXPECT_FALSE(reader.fields()[0].NameIs("Fromm"));
}

TEST(MessageReaderTest, TheBodyIsAViewOfTheChunk) {
  MessageReader reader;
  const std::string_view chunk = "A: b\r\n\r\nbody";
  const std::string_view body = reader.Feed(chunk);
  EXPECT_EQ(body.data(), chunk.data() + 8);
  EXPECT_EQ(reader.Feed(chunk).data(), chunk.data()) << "all that follows is body";
  reader.Finish();
  EXPECT_FALSE(reader.flags().no_blank_line);
}

TEST(MessageReaderTest, NothingIsThereBeforeTheHeaderEnds) {
  MessageReader reader;
  reader.Feed("A: b\r\nC: d\r\n");
  EXPECT_FALSE(reader.header_complete());
  EXPECT_TRUE(reader.fields().empty());
  EXPECT_TRUE(reader.header().empty());
}

TEST(MessageReaderTest, LineLength) {
  for (const size_t octets : {kMaxLineOctets, kMaxLineOctets + 1}) {
    const bool is_long = octets > kMaxLineOctets;
    const std::string line = "A:" + std::string(octets - 2, 'x') + "\r\n";
    const std::string fold = "A:\r\n " + std::string(octets - 1, 'x') + "\r\n";
    for (const std::string& field : {line, fold}) {
      MessageReader reader;
      reader.Feed(field + "\r\n");
      EXPECT_EQ(reader.flags().long_line, is_long) << octets;
    }
  }
}

// Limits: n is read in full, at n + 1 what came before the culprit is left.
constexpr HeaderLimits kSmall{.max_header_octets = 60, .max_fields = 4, .max_field_octets = 20};

struct LimitCase {
  std::string_view header;
  HeaderFault fault;
  size_t fields;
  const char* why;
};
const LimitCase kLimitCases[] = {
    {"A:\r\nB:\r\nC:\r\nD:\r\n", HeaderFault::kNone, 4, "max_fields"},
    {"A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n", HeaderFault::kTooManyFields, 4, "max_fields + 1"},
    {"A:\r\nB:345678901234567890\r\nC:\r\n", HeaderFault::kNone, 3, "max_field_octets"},
    {"A:\r\nB:3456789012345678901\r\nC:\r\n", HeaderFault::kFieldTooLong, 1, "one more"},
    {"A:\r\nB:34567890\r\n 4567890\r\nC:\r\n", HeaderFault::kNone, 3, "folds count"},
    {"A:\r\nB:34567890\r\n 45678901\r\nC:\r\n", HeaderFault::kFieldTooLong, 1, "one more"},
    {"A:345678901234567890\r\nB:345678901234567890\r\nC:34567890123\r\n", HeaderFault::kNone, 3,
     "max_header_octets - 1"},
    {"A:345678901234567890\r\nB:345678901234567890\r\nC:345678901234\r\n", HeaderFault::kNone, 3,
     "max_header_octets"},
    {"A:345678901234567890\r\nB:345678901234567890\r\nC:3456789012345\r\n",
     HeaderFault::kHeaderTooLong, 2, "max_header_octets + 1"},
    {"A:345678901234567890\r\nB:345678901234567890\r\nC:345678901234\r\nD:\r\n",
     HeaderFault::kHeaderTooLong, 2, "a field that may go on behind the cut is left out"},
    {"A:345678901234567890\r\nB:3456789012345678901234567890123456789012345678901234567890\r\n",
     HeaderFault::kFieldTooLong, 1, "the field's limit comes before the header's"},
};

TEST(MessageReaderTest, Limits) {
  for (const LimitCase& test : kLimitCases) {
    const std::string message = std::string(test.header) + "\r\nbody\r\n";
    for (size_t size = 1; size <= message.size(); ++size) {
      MessageReader reader(kSmall);
      EXPECT_EQ(FeedAll(&reader, message, size, size), "body\r\n") << test.why;
      EXPECT_EQ(reader.fault(), test.fault) << test.why;
      EXPECT_EQ(reader.fields().size(), test.fields) << test.why;
      EXPECT_LE(reader.header().size(), kSmall.max_header_octets) << test.why;
      if (test.fields == 0) continue;
      const Field& last = reader.fields().back();
      EXPECT_EQ(last.offset + last.raw.size() + 2, reader.header().size()) << test.why;
    }
  }
}

TEST(MessageReaderTest, DefaultLimits) {
  struct Default {
    std::string header;
    HeaderFault fault;
  };
  std::string fields;
  for (size_t i = 0; i < HeaderLimits::kMaxFields; ++i) fields += "A:\r\n";
  const std::string field = "A:" + std::string(HeaderLimits::kMaxFieldOctets - 2, 'x');
  std::string header;
  for (int i = 0; i < 7; ++i) header += field + "\r\n";
  const size_t left = HeaderLimits::kMaxHeaderOctets - header.size();
  const Default kDefaults[] = {
      {fields, HeaderFault::kNone},
      {fields + "A:\r\n", HeaderFault::kTooManyFields},
      {field + "\r\n", HeaderFault::kNone},
      {field + "x\r\n", HeaderFault::kFieldTooLong},
      {header + "A:" + std::string(left - 4, 'x') + "\r\n", HeaderFault::kNone},
      {header + "A:" + std::string(left - 3, 'x') + "\r\n", HeaderFault::kHeaderTooLong},
  };
  for (const Default& test : kDefaults) {
    MessageReader reader;
    EXPECT_EQ(FeedAll(&reader, test.header + "\r\nx", 1, 1), "x");
    EXPECT_EQ(reader.fault(), test.fault);
  }
}

TEST(MessageReaderTest, MemoryStaysBoundedBeyondTheLimit) {
  MessageReader reader;
  const std::string chunk(64 * 1024, 'x');
  for (int i = 0; i < 100; ++i) reader.Feed(chunk);
  EXPECT_EQ(reader.Feed("\r\n\r\nbody"), "body");
  EXPECT_EQ(reader.fault(), HeaderFault::kFieldTooLong);
  EXPECT_EQ(reader.header(), "");
}

TEST(MessageReaderTest, ClearForgetsEverything) {
  MessageReader reader(kSmall);
  reader.Feed("bad\r\nA: b\n\r\nB: 890123456789012345678\r\nC: d\r");
  reader.Clear();
  EXPECT_FALSE(reader.header_complete());
  EXPECT_EQ(reader.Feed("\nE: f\r\n\r\nbody"), "body");
  EXPECT_EQ(NamesAndValues(reader), (std::vector<NameValue>{{"", "\nE: f"}}));
  EXPECT_EQ(FlagNames(reader.flags()), "bare_lf malformed_line");
  EXPECT_EQ(reader.fault(), HeaderFault::kNone);
  reader.Clear();
  EXPECT_TRUE(reader.AddField("A", " b").ok());
  reader.EndOfHeader();
  EXPECT_EQ(NamesAndValues(reader), (std::vector<NameValue>{{"A", " b"}}));
}

// AddField: what an MTA hands over, design decision "header values over the milter".
struct AddCase {
  std::string_view name;
  std::string_view value;
  NameValue field;
  std::string_view header;
  std::string_view flags;
  const char* why;
};
const AddCase kAddCases[] = {
    {"A", " b", {"A", " b"}, "A: b\r\n", "", "the common field"},
    {"A", "", {"A", ""}, "A:\r\n", "", "nothing after the colon"},
    {"A", " b\n\tc", {"A", " b\r\n\tc"}, "A: b\r\n\tc\r\n", "", "a lone LF is a fold"},
    {"A", " b\r\n\tc", {"A", " b\r\n\tc"}, "A: b\r\n\tc\r\n", "", "a CRLF is one as well"},
    {"A", "\n b", {"A", "\r\n b"}, "A:\r\n b\r\n", "", "folded at once"},
    {"From",
     " b\nTo: c",
     {"From", " b\r\nTo: c"},
     "From: b\r\nTo: c\r\n",
     "malformed_line",
     "a value makes no second field, and the first is not hidden"},
    {"A", " b\n", {"A", " b\r\n"}, "A: b\r\n\r\n", "malformed_line", "nor a blank line"},
    {"A",
     " b\n\n c",
     {"A", " b\r\n\r\n c"},
     "A: b\r\n\r\n c\r\n",
     "malformed_line",
     "nor a blank line"},
    {"A", " b\rc", {"A", " b\rc"}, "A: b\rc\r\n", "bare_cr", "a lone CR is an octet"},
    {"A", " b\r", {"A", " b\r"}, "A: b\r\r\n", "bare_cr", "also before our CRLF"},
    {"From ", "b", {"From", "b"}, "From :b\r\n", "obsolete_colon", "white space in the name"},
    {"A:B", " c", {"", "A:B: c"}, "A:B: c\r\n", "malformed_line", "a colon in the name"},
    {"", " c", {"", ": c"}, ": c\r\n", "malformed_line", "no name"},
    {"A\r\nFrom",
     " c",
     {"", "A\r\nFrom: c"},
     "A\r\nFrom: c\r\n",
     "malformed_line",
     "a line break in the name"},
    {"A\nFrom",
     " c",
     {"", "A\nFrom: c"},
     "A\nFrom: c\r\n",
     "bare_lf malformed_line",
     "a line break in the name"},
};

TEST(MessageReaderTest, AddFieldTable) {
  for (const AddCase& test : kAddCases) {
    SCOPED_TRACE(test.why);
    MessageReader reader;
    ASSERT_TRUE(reader.AddField("Before", " 1").ok());
    ASSERT_TRUE(reader.AddField(test.name, test.value).ok());
    ASSERT_TRUE(reader.AddField("After", " 2").ok());
    EXPECT_FALSE(reader.header_complete());
    EXPECT_EQ(reader.Feed("body"), "body") << "the body ends the header";
    EXPECT_TRUE(reader.header_complete());
    EXPECT_EQ(NamesAndValues(reader),
              (std::vector<NameValue>{{"Before", " 1"}, test.field, {"After", " 2"}}));
    EXPECT_EQ(reader.header(), "Before: 1\r\n" + std::string(test.header) + "After: 2\r\n");
    EXPECT_EQ(reader.fields()[1].offset, 11u);
    EXPECT_EQ(FlagNames(reader.flags()), test.flags);
  }
}

// A well-formed header is the same through either door.
TEST(MessageReaderTest, AddFieldGivesWhatFeedGives) {
  for (const Case& test : Cases()) {
    if (test.flags != "" && test.flags != "obsolete_colon") continue;
    MessageReader fed;
    fed.Feed(test.message);
    MessageReader added;
    for (const Field& field : fed.fields()) {
      ASSERT_TRUE(added.AddField(field.name, field.value).ok());
    }
    added.EndOfHeader();
    EXPECT_EQ(NamesAndValues(added), NamesAndValues(fed)) << test.why;
  }
}

TEST(MessageReaderTest, AddFieldLimits) {
  for (const LimitCase& test : kLimitCases) {
    SCOPED_TRACE(test.why);
    MessageReader source;
    source.Feed(std::string(test.header) + "\r\n");
    MessageReader reader(kSmall);
    for (const Field& field : source.fields()) {
      ASSERT_TRUE(reader.AddField(field.name, field.value).ok());
    }
    reader.EndOfHeader();
    EXPECT_EQ(reader.fault(), test.fault);
    // Here the end of a field is known: it does not depend on the next one.
    const bool is_cut_between = test.header.ends_with("D:\r\n") && test.fields == 2;
    EXPECT_EQ(reader.fields().size(), test.fields + (is_cut_between ? 1 : 0));
  }
}

TEST(MessageReaderTest, CallsOutOfOrder) {
  MessageReader fed;
  fed.Feed("A: b\r\n");
  EXPECT_EQ(fed.AddField("C", "d").code(), absl::StatusCode::kFailedPrecondition);
  fed.EndOfHeader();
  EXPECT_FALSE(fed.header_complete()) << "EndOfHeader is for AddField";
  fed.Finish();
  EXPECT_EQ(NamesAndValues(fed), (std::vector<NameValue>{{"A", " b"}}));

  MessageReader added;
  EXPECT_TRUE(added.AddField("A", " b").ok());
  added.EndOfHeader();
  EXPECT_EQ(added.AddField("C", "d").code(), absl::StatusCode::kFailedPrecondition);
  added.Finish();
  EXPECT_EQ(NamesAndValues(added), (std::vector<NameValue>{{"A", " b"}}));
  EXPECT_EQ(FlagNames(added.flags()), "") << "an MTA shows no blank line";
}

}  // namespace
}  // namespace postseal::mail
