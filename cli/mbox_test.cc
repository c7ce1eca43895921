// A mailbox file, split into its messages and unquoted. RFC 4155
#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line_forms.h"
#include "cli/mbox_scanner.h"
#include "cli/mbox_unquoter.h"
#include "gtest/gtest.h"

namespace postseal::cli {
namespace {

// Scan splits |mbox|, fed in pieces of |piece| octets.
std::vector<MboxMessage> Scan(std::string_view mbox, size_t piece) {
  MboxScanner scanner;
  std::vector<MboxMessage> found;
  for (; !mbox.empty(); mbox.remove_prefix(std::min(piece, mbox.size()))) {
    scanner.Feed(mbox.substr(0, piece), &found);
  }
  scanner.Finish(&found);
  return found;
}

std::vector<std::string> Texts(std::string_view mbox, const std::vector<MboxMessage>& messages) {
  std::vector<std::string> texts;
  for (const MboxMessage& m : messages) texts.emplace_back(mbox.substr(m.begin, m.end - m.begin));
  return texts;
}

std::string Unquote(std::string_view text, size_t piece) {
  MboxUnquoter unquoter;
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    unquoter.Append(text.substr(0, piece), &out);
  }
  unquoter.Finish(&out);
  return out;
}

// Lines returns |text| cut behind each LF.
std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t lf = text.find('\n');
    lines.emplace_back(text.substr(0, lf == text.npos ? lf : lf + 1));
    text.remove_prefix(lines.back().size());
  }
  return lines;
}

bool IsEmptyLine(std::string_view line) { return line == "\n" || line == "\r\n"; }

// SimpleTexts is what Scan finds, said line by line.
std::vector<std::string> SimpleTexts(std::string_view mbox) {
  std::vector<std::vector<std::string>> messages;
  const std::vector<std::string> lines = Lines(mbox);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("From ") && (i == 0 || IsEmptyLine(lines[i - 1]))) {
      messages.emplace_back();
    } else if (!messages.empty()) {
      messages.back().push_back(lines[i]);
    }
  }
  std::vector<std::string> texts;
  for (auto& message : messages) {
    if (!message.empty() && IsEmptyLine(message.back())) message.pop_back();
    std::string& text = texts.emplace_back();
    for (const std::string& line : message) text += line;
  }
  return texts;
}

// SimpleUnquote is what Unquote does, said line by line.
std::string SimpleUnquote(std::string_view text) {
  std::string out;
  for (const std::string& line : Lines(text)) {
    const size_t quotes = std::min(line.find_first_not_of('>'), line.size());
    const bool quoted = quotes > 0 && line.substr(quotes).starts_with("From ");
    out += line.substr(quoted ? 1 : 0);
  }
  return out;
}

TEST(MboxTest, Messages) {
  using Expected = std::vector<std::string>;
  const struct {
    std::string_view mbox;
    Expected messages;
    const char* why;
  } kCases[] = {
      {"", {}, "no message"},
      {"From a\nA: 1\n\nb\n\n", {"A: 1\n\nb\n"}, "the empty line at the end is the mailbox's"},
      {"From a\nA: 1\n\nb\n", {"A: 1\n\nb\n"}, "which may be missing"},
      {"From a\nA: 1\n\nb", {"A: 1\n\nb"}, "as may the line end"},
      {"From a\nA\n\nFrom b\nB\n\n", {"A\n", "B\n"}, "two"},
      {"From a\r\nA\r\n\r\nFrom b\r\nB\r\n\r\n", {"A\r\n", "B\r\n"}, "with CRLF"},
      {"From a\nA\n\n\n\nFrom b\nB\n", {"A\n\n\n", "B\n"}, "one empty line ends the message"},
      {"From a\nA\nFrom b\nB\n", {"A\nFrom b\nB\n"}, "no empty line above: text"},
      {"From a\nA\n \nFrom b\nB\n", {"A\n \nFrom b\nB\n"}, "nor is a space an empty line"},
      {"From a\nA\n\r\r\nFrom b\n", {"A\n\r\r\nFrom b\n"}, "nor a bare CR"},
      {"From a\nA\n\n>From b\nB\n", {"A\n\n>From b\nB\n"}, "quoted"},
      {"From a\nA\n\nFrom: b\nB\n", {"A\n\nFrom: b\nB\n"}, "a field of an attached header"},
      {"From a\nA\n\nfrom b\nB\n", {"A\n\nfrom b\nB\n"}, "another word"},
      {"From a\nA\n\nFrom b", {"A\n", ""}, "a separator line alone"},
      {"From a\n\nFrom b\n\n", {"", ""}, "messages without an octet"},
      {"From ", {""}, "the shortest"},
      {"From", {}, "less than that"},
      {"x\n\nFrom a\nA\n", {"A\n"}, "what stands above belongs to none"},
      {"\nFrom a\nA\n", {"A\n"}, "an empty line above the first"},
  };
  for (const auto& test : kCases) {
    for (size_t piece = 1; piece <= test.mbox.size() + 1; ++piece) {
      EXPECT_EQ(Texts(test.mbox, Scan(test.mbox, piece)), test.messages)
          << test.why << ' ' << piece;
    }
    EXPECT_EQ(SimpleTexts(test.mbox), test.messages) << test.why;
  }
}

TEST(MboxTest, LineForms) {
  const struct {
    std::string_view mbox;
    LineForms forms;
    const char* why;
  } kCases[] = {
      {"From a\nA\n\nb\n\n", {false, true}, "LF"},
      {"From a\r\nA\r\n\r\nb\r\n\r\n", {true, false}, "CRLF"},
      {"From a\nA\r\n\r\nb\r\n\n",
       {true, false},
       "lines that the mailbox added are not the message's"},
      {"From a\nA\n\r\nb\n\n", {true, true}, "both"},
      {"From a\nA\n\r\n\nFrom b\n", {true, true}, "an empty line of the message's above the end"},
      {"From a\nA", {false, false}, "none"},
  };
  for (const auto& test : kCases) {
    for (size_t piece = 1; piece <= test.mbox.size(); ++piece) {
      const auto found = Scan(test.mbox, piece);
      ASSERT_FALSE(found.empty()) << test.why;
      EXPECT_EQ(found[0].forms, test.forms) << test.why << ' ' << piece;
      LineFormFinder finder;
      const std::string_view text = test.mbox.substr(found[0].begin, found[0].end - found[0].begin);
      for (size_t i = 0; i < text.size(); i += piece) finder.Add(text.substr(i, piece));
      EXPECT_EQ(finder.forms().unix_form(), test.forms.unix_form()) << test.why << ' ' << piece;
    }
  }
}

TEST(MboxTest, Unquoting) {
  const struct {
    std::string_view text;
    std::string_view expected;
    const char* why;
  } kCases[] = {
      {">From a\n", "From a\n", "mboxo and mboxrd"},
      {">>From a\n", ">From a\n", "mboxrd: one less"},
      {">>>>From ", ">>>From ", "the last line, too"},
      {"A\n>From a\r\n>From b\n", "A\nFrom a\r\nFrom b\n", "line after line"},
      {"From a\n", "From a\n", "not quoted"},
      {" >From a\n", " >From a\n", "not at the line's begin"},
      {"a >From b\n>c\n", "a >From b\n>c\n", "an ordinary quotation"},
      {">From: a\n", ">From: a\n", "a field of a quoted header"},
      {">Fro", ">Fro", "cut off"},
      {"> From a\n", "> From a\n", "as mail programs quote"},
      {">\n>From a\n", ">\nFrom a\n", "an empty quotation"},
      {">Fr>From a\n", ">Fr>From a\n", "what is like it is no second begin"},
      {"", "", "nothing"},
  };
  for (const auto& test : kCases) {
    for (size_t piece = 1; piece <= test.text.size() + 1; ++piece) {
      EXPECT_EQ(Unquote(test.text, piece), test.expected) << test.why << ' ' << piece;
    }
    EXPECT_EQ(SimpleUnquote(test.text), test.expected) << test.why;
  }
}

// Random texts of the pieces that matter, against the simple versions.
TEST(MboxTest, AgreesWithTheSimpleVersions) {
  constexpr std::string_view kWords[] = {"From ", "From", ">", "\n",  "\r\n",
                                         "\r",    "a",    " ", "\n\n"};
  std::mt19937 random(4155);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 == 0 ? "From " : "";
    for (size_t words = random() % 16; words > 0; --words) {
      text += kWords[random() % std::size(kWords)];
    }
    const size_t piece = random() % 7 + 1;
    ASSERT_EQ(Texts(text, Scan(text, piece)), SimpleTexts(text)) << round;
    ASSERT_EQ(Unquote(text, piece), SimpleUnquote(text)) << round;
  }
}

}  // namespace
}  // namespace postseal::cli
