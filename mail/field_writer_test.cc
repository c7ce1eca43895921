#include "mail/field_writer.h"

#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::mail {
namespace {

using std::string_view_literals::operator""sv;

TEST(FieldWriterTest, AShortFieldIsOneLine) {
  FieldWriter writer("Subject");
  writer.AppendSpace();
  writer.Append("a b");
  writer.Append("c");
  EXPECT_EQ(writer.text(), "Subject: a bc");
  EXPECT_EQ(std::move(writer).Finish(), "Subject: a bc\r\n");
}

// Lines of exactly kFoldColumn octets stay, one more folds.
TEST(FieldWriterTest, FoldsAtTheColumn) {
  for (const size_t octets : {FieldWriter::kFoldColumn, FieldWriter::kFoldColumn + 1}) {
    const bool folds = octets > FieldWriter::kFoldColumn;
    FieldWriter spaced("A");
    spaced.Append("b");
    spaced.AppendSpace();
    spaced.Append(std::string(octets - 4, 'x'));
    EXPECT_EQ(std::move(spaced).Finish(),
              (folds ? "A:b\r\n\t" : "A:b ") + std::string(octets - 4, 'x') + "\r\n");
    FieldWriter bare("A", FieldWriter::Fold::kSpace);
    bare.Append("b:");
    bare.AllowFold();
    bare.Append(std::string(octets - 4, 'x'));
    EXPECT_EQ(std::move(bare).Finish(),
              (folds ? "A:b:\r\n " : "A:b:") + std::string(octets - 4, 'x') + "\r\n");
  }
}

TEST(FieldWriterTest, GluedPiecesFoldTogether) {
  FieldWriter writer("A");
  writer.AppendSpace();
  writer.Append(std::string(60, 'x'));
  writer.AppendSpace();
  for (int i = 0; i < 20; ++i) writer.Append("y");
  EXPECT_EQ(writer.text(), "A: " + std::string(60, 'x') + "\r\n\t" + std::string(20, 'y'));
}

TEST(FieldWriterTest, AppendFoldFoldsOnlyBeforeText) {
  FieldWriter writer("A");
  writer.AppendSpace();
  writer.Append("b;");
  writer.AppendFold();
  writer.Append("c;");
  writer.AppendFold();
  EXPECT_EQ(writer.text(), "A: b;\r\n\tc; ");
}

// The shape of a DKIM-Signature: folds between tags, after the colons of h= and
// anywhere in b= (RFC 6376 §3.5).
TEST(FieldWriterTest, DkimSignature) {
  FieldWriter writer("DKIM-Signature");
  for (const char* tag : {"v=1;", "a=rsa-sha256;", "c=relaxed/relaxed;", "d=example.com;",
                          "s=brisbane;", "t=1117574938;"}) {
    writer.AppendSpace();
    writer.Append(tag);
  }
  writer.AppendSpace();
  writer.Append("h=from");
  for (const char* name : {"to", "subject", "date", "message-id", "mime-version", "content-type",
                           "content-transfer-encoding", "from"}) {
    writer.Append(":");
    writer.AllowFold();
    writer.Append(name);
  }
  writer.Append(";");
  writer.AppendSpace();
  writer.Append("b=");
  const std::string unsigned_text(writer.text());
  writer.AppendBreakable(std::string(100, 'B'));
  EXPECT_EQ(unsigned_text,
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com;\r\n"
            "\ts=brisbane; t=1117574938; h=from:to:subject:date:message-id:mime-version:\r\n"
            "\tcontent-type:content-transfer-encoding:from; b=");
  EXPECT_EQ(std::move(writer).Finish(),
            unsigned_text + std::string(28, 'B') + "\r\n\t" + std::string(72, 'B') + "\r\n")
      << "the text before the signature stays as it was hashed, and its line is filled";
}

TEST(FieldWriterTest, BreakableFillsLines) {
  FieldWriter writer("A");
  writer.AppendSpace();
  writer.Append("b=");
  writer.AppendBreakable(std::string(71, 'x') + " \r\n" + std::string(80, 'y'));
  EXPECT_EQ(std::move(writer).Finish(),
            "A: b=" + std::string(71, 'x') + "\r\n\t" + std::string(75, 'y') + "\r\n\tyyyyy\r\n");
}

TEST(FieldWriterTest, QuotedStringsAndComments) {
  struct Case {
    std::string_view text;
    std::string_view quoted;
    std::string_view comment;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"", "\"\"", "()", "empty"},
      {"a b", "\"a b\"", "(a b)", "spaces stay"},
      {"a  b", "\"a  b\"", "(a  b)", "spaces stay"},
      {"a\"b", "\"a\\\"b\"", "(a\"b)", "RFC 5322 §3.2.4"},
      {"a\\", "\"a\\\\\"", "(a\\\\)", "a backslash does not reach the delimiter"},
      {"a(b)c", "\"a(b)c\"", "(a\\(b\\)c)", "RFC 5322 §3.2.2"},
      {") x=y (", "\") x=y (\"", "(\\) x=y \\()", "a comment cannot be left"},
      {"a\r\n\tb\0c\x7f"sv, "\"abc\"", "(abc)", "controls are dropped"},
      {"\r\nFrom: x"sv, "\"From: x\"", "(From: x)", "no line is made"},
      {"\xc3\xa9t\xe9", "\"t\"", "(t)", "8 bit is dropped"},
  };
  for (const Case& test : kCases) {
    FieldWriter quoted("A");
    quoted.AppendQuotedString(test.text);
    EXPECT_EQ(quoted.text(), "A:" + std::string(test.quoted)) << test.why;
    FieldWriter comment("A");
    comment.AppendComment(test.text);
    EXPECT_EQ(comment.text(), "A:" + std::string(test.comment)) << test.why;
  }
}

// Unfolding (RFC 5322 §2.2.3: CRLF before WSP is removed) gives the text back.
TEST(FieldWriterTest, AQuotedStringUnfoldsToItself) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += std::string(static_cast<size_t>(i % 7), 'x') + "  y ";
  FieldWriter writer("A");
  writer.AppendQuotedString(text);
  std::string unfolded(std::move(writer).Finish());
  EXPECT_GT(unfolded.size(), 5 * FieldWriter::kFoldColumn);
  for (size_t at = unfolded.find("\r\n"); at != std::string::npos; at = unfolded.find("\r\n")) {
    unfolded.erase(at, 2);
  }
  EXPECT_EQ(unfolded, "A:\"" + text + "\"");
}

TEST(FieldWriterTest, Utf8WhereItIsAllowed) {
  FieldWriter writer("A", FieldWriter::Fold::kTab, FieldWriter::Octets::kUtf8);
  writer.Append("b\xc3\xbc\xe2\x80\xae\xe9\xc2\x85z");
  EXPECT_EQ(writer.text(), "A:b\xc3\xbcz") << "no bidi control, no C1, nothing malformed";
}

TEST(FieldWriterTest, Names) {
  EXPECT_EQ(FieldWriter("X-\r\nFrom: y").text(), "X-Fromy:") << "the text cannot end the name";
  EXPECT_EQ(FieldWriter("\r\n :").text(), "Unnamed:");
}

// No place to fold: the line is folded at the limit all the same.
// A name cannot be folded: with its colon it has to fit a line.
TEST(FieldWriterTest, ANameFitsALine) {
  constexpr size_t kMax = FieldWriter::kMaxNameOctets;
  EXPECT_EQ(FieldWriter(std::string(kMax, 'x')).text(), std::string(kMax, 'x') + ":");
  EXPECT_EQ(FieldWriter(std::string(kMax + 1, 'x')).text(), std::string(kMax, 'x') + ":");
  FieldWriter writer(std::string(kMax + 1, 'x'));
  writer.AppendSpace();
  writer.Append("a");
  const std::string field = std::move(writer).Finish();
  EXPECT_EQ(field.find("\r\n"), kMaxLineOctets);
  MessageReader reader;
  reader.Feed(field + "\r\n");
  ASSERT_EQ(reader.fields().size(), 1u);
  EXPECT_FALSE(reader.flags().long_line);
}

TEST(FieldWriterTest, LinesEndAtTheLimit) {
  FieldWriter writer("A");
  writer.Append(std::string(kMaxLineOctets - 2, 'x'));
  EXPECT_EQ(writer.text().size(), kMaxLineOctets);
  writer.Append("y");
  EXPECT_EQ(writer.text().substr(kMaxLineOctets), "\r\n\ty");
}

// A quoted-pair is never torn by that, and a space at the limit makes no line.
TEST(FieldWriterTest, TheLimitTearsNothing) {
  FieldWriter pair("A");
  pair.AppendQuotedString(std::string(kMaxLineOctets - 4, 'x') + "\"");
  EXPECT_EQ(pair.text().substr(kMaxLineOctets - 1), "\r\n\t\\\"\"");
  FieldWriter space("A");
  space.AppendQuotedString(std::string(kMaxLineOctets - 3, 'x') + " From: y");
  EXPECT_EQ(space.text().substr(kMaxLineOctets), "\r\n\tFrom: y\"");
}

std::string RandomText(std::mt19937* random) {
  static constexpr std::string_view kPieces[] = {
      "\r\n",     "\r",   "\n",   "\0"sv,  " ",    "\t",   "From: x", "\r\n\r\n",
      "\"",       "\\",   "(",    ")",     ";",    "=",    "a",       "bcde",
      "\xc3\xa9", "\xe9", "\x7f", "\r\n ", "    ", "\x85", ":",       "\\\r\n"};
  std::string text;
  const size_t pieces = (*random)() % 40;
  for (size_t i = 0; i < pieces; ++i) {
    const std::string_view piece = kPieces[(*random)() % std::size(kPieces)];
    const size_t times = (*random)() % 50 == 0 ? 400 : 1;
    for (size_t j = 0; j < times; ++j) text += piece;
  }
  return text;
}

TEST(FieldWriterTest, HostileTextMakesOneField) {
  std::mt19937 random(6376);
  for (int round = 0; round < 5000; ++round) {
    const bool is_utf8 = round % 2 == 0;
    FieldWriter writer("X-Test",
                       round % 3 == 0 ? FieldWriter::Fold::kSpace : FieldWriter::Fold::kTab,
                       is_utf8 ? FieldWriter::Octets::kUtf8 : FieldWriter::Octets::kAscii);
    for (size_t i = random() % 12; i > 0; --i) {
      const std::string text = RandomText(&random);
      switch (random() % 7) {
        case 0:
          writer.Append(text);
          break;
        case 1:
          writer.AppendSpace();
          break;
        case 2:
          writer.AppendFold();
          break;
        case 3:
          writer.AllowFold();
          break;
        case 4:
          writer.AppendBreakable(text);
          break;
        case 5:
          writer.AppendQuotedString(text);
          break;
        default:
          writer.AppendComment(text);
          break;
      }
    }
    const std::string field = std::move(writer).Finish();
    MessageReader reader;
    ASSERT_EQ(reader.Feed(field + "\r\nbody"), "body") << round;
    ASSERT_EQ(reader.fields().size(), 1u) << round;
    ASSERT_EQ(reader.fields()[0].name, "X-Test") << round;
    HeaderFlags allowed;
    allowed.non_ascii = is_utf8 && reader.flags().non_ascii;
    ASSERT_EQ(reader.flags(), allowed) << round << ": " << field;
  }
}

}  // namespace
}  // namespace postseal::mail
