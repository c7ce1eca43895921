#include "milter/data_set.h"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "gtest/gtest.h"
#include "milter/diagnostic.h"
#include "milter/glob.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

const Place kPlace = {"a.conf", 7};

std::string Print(const DataSet& set) {
  std::string out;
  for (const DataRow& row : set.rows) {
    absl::StrAppend(&out, row.line, "[", row.key, "][", row.value, "] ");
  }
  return out;
}

// opendkim(8), DATA SETS.
TEST(DataSetTest, ReadsRows) {
  struct Case {
    std::string_view text;
    std::string_view rows;
    const char* why;
  };
  for (const Case& c : {
           Case{"", "", "nothing"},
           Case{"a", "1[a][] ", "no line end"},
           Case{"a b:c\n\nd\n", "1[a][b:c] 3[d][] ", "blank lines are ignored"},
           Case{"# c\na # d\n#\n", "2[a][] ", "comments"},
           Case{"a#b c\n", "1[a][] ", "a comment begins anywhere"},
           Case{"  a \t b c \r\n", "1[a][b c] ", "white space around"},
       }) {
    const auto set = ParseDataRows(c.text, DataSet::Kind::kFile, "f");
    ASSERT_TRUE(set.ok());
    EXPECT_EQ(Print(*set), c.rows) << c.why;
  }
}

TEST(DataSetTest, ReadsLists) {
  struct Case {
    std::string_view spec;
    std::string_view rows;
    const char* why;
  };
  for (const Case& c : {
           Case{"csl:a,b", "7[a][] 7[b][] ", "a list"},
           Case{"a, b=2 ,C", "7[a][] 7[b][2] 7[C][] ", "without its name, with values"},
           Case{"csl:", "", "an empty one"},
           Case{"a,,b,", "7[a][] 7[b][] ", "empty elements"},
           Case{"127.0.0.1,::1", "7[127.0.0.1][] 7[::1][] ", "IPv6 in it"},
           Case{"::1,127.0.0.1", "7[::1][] 7[127.0.0.1][] ", "IPv6 first"},
           Case{"2001:db8::1", "7[2001:db8::1][] ", "IPv6 alone"},
           Case{"k=example.com:s:/k", "7[k][example.com:s:/k] ", "a key"},
       }) {
    const auto set = ReadDataSet(c.spec, kPlace);
    ASSERT_TRUE(set.ok()) << c.spec << set.status();
    EXPECT_EQ(Print(*set), c.rows) << c.why;
  }
}

TEST(DataSetTest, ReadsFiles) {
  const TestFolder folder;
  const std::string path = folder.Write("set", "*@a b\n");
  for (const std::string& spec : {path, "file:" + path, "FILE:" + path}) {
    const auto set = ReadDataSet(spec, kPlace);
    ASSERT_TRUE(set.ok()) << set.status();
    EXPECT_EQ(set->kind, DataSet::Kind::kFile);
    EXPECT_EQ(set->file, path);
    EXPECT_EQ(Print(*set), "1[*@a][b] ");
  }
  EXPECT_EQ(ReadDataSet("refile:" + path, kPlace)->kind, DataSet::Kind::kPatterns);
  EXPECT_EQ(ReadDataSet("refile:set", kPlace, folder.path())->file, path);
}

TEST(DataSetTest, RefusesAByteOrderMark) {
  const TestFolder folder;
  const std::string path = folder.Write("set", "\xEF\xBB\xBF*@a b\n");
  for (const std::string kind : {"", "file:", "refile:"}) {
    EXPECT_EQ(ReadDataSet(kind + path, kPlace).status().message(),
              path + ": begins with a byte order mark: save it as UTF-8 without one");
  }
}

TEST(DataSetTest, SaysWhatIsNotRead) {
  for (const std::string_view spec :
       {"db:/a", "/etc/mail/keys.db", "dsn:mysql://u@h/d", "ldap://h/", "ldaps://h/", "ldapi://h/",
        "lua:/a", "memcache:h", "erlang:n", "mdb:/a"}) {
    const auto set = ReadDataSet(spec, kPlace);
    EXPECT_EQ(set.status().code(), absl::StatusCode::kUnimplemented) << spec;
    EXPECT_NE(set.status().message().find("file:PATH"), std::string_view::npos) << spec;
  }
  EXPECT_FALSE(ReadDataSet("foo:bar", kPlace).ok());
  EXPECT_FALSE(ReadDataSet("file:", kPlace).ok());
  const auto missing = ReadDataSet("refile:/nowhere/set", kPlace);
  EXPECT_EQ(missing.status().message(), "/nowhere/set: No such file or directory");
  EXPECT_EQ(ReadDataSet("/", kPlace).status().message(), "/: is a directory");
}

TEST(DataSetTest, IsBounded) {
  const std::string line(kMaxRowOctets, 'a');
  EXPECT_TRUE(ParseDataRows(line, DataSet::Kind::kFile, "f").ok());
  EXPECT_FALSE(ParseDataRows(line + "a", DataSet::Kind::kFile, "f").ok());
  std::string rows;
  std::string list;
  for (size_t i = 0; i < kMaxDataRows; ++i) {
    rows += "a\n";
    list += "a,";
  }
  EXPECT_TRUE(ParseDataRows(rows, DataSet::Kind::kFile, "f").ok());
  EXPECT_FALSE(ParseDataRows(rows + "a", DataSet::Kind::kFile, "f").ok());
  EXPECT_TRUE(ParseDataList(list, kPlace).ok());
  EXPECT_FALSE(ParseDataList(list + "a", kPlace).ok());
}

TEST(DataSetTest, SplitsFields) {
  using Fields = std::vector<std::string_view>;
  EXPECT_EQ(SplitFields("d : s:/k:1", 3), Fields({"d", "s", "/k:1"}));
  EXPECT_EQ(SplitFields("", 3), Fields({""}));
  EXPECT_EQ(SplitFields("a:", 3), Fields({"a", ""}));
}

// AskOpenDkim is what `opendkim -Q` answers: the first field of the row, "-" for none.
std::string AskOpenDkim(const std::string& spec, std::string_view key) {
  const TestFolder folder;
  const std::string input = folder.Write("in", absl::StrCat(spec, "\n", key, "/1\n"));
  const std::string command = absl::StrCat("/usr/sbin/opendkim -Q <", input, " 2>/dev/null");
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string out(4096, '\0');
  out.resize(fread(out.data(), 1, out.size(), pipe.get()));
  out = std::string(base::Strip(out, base::CharSet("\n")));
  return out.size() > 2 && out.front() == '\'' ? out.substr(1, out.size() - 2) : "-";
}

// Lookup is the same by us, with a list read from the top as the table.
std::string Lookup(const std::string& spec, std::string_view key) {
  const auto set = ReadDataSet(spec, kPlace);
  EXPECT_TRUE(set.ok()) << set.status();
  for (const DataRow& row : set->rows) {
    const bool matches =
        set->kind == DataSet::Kind::kPatterns ? GlobMatches(row.key, key) : row.key == key;
    if (matches) return row.value;
  }
  return "-";
}

// Where OpenDKIM leaves its own manual page we do not follow: in a refile: it takes
// brackets and parentheses for a part of a regular expression, and white space before a pattern for
// a part of it.
TEST(DataSetTest, AnswersAsOpenDkimDoes) {
  const TestFolder folder;
  const std::string path = folder.Write("set",
                                        "# a comment\n"
                                        "*@example.com first:second\n"
                                        "a@example.com  unreached\n"
                                        "b@example.org\tv w  # comment\n"
                                        "*@*.example.net n\n"
                                        "a.c@x dot\n"
                                        "x+*@y plus\n");
  for (const std::string kind : {"refile:", "file:", ""}) {
    for (const std::string_view key :
         {"a@example.com", "*@example.com", "b@example.org", "c@d.example.net", "c@example.net",
          "a.c@x", "abc@x", "x+1@y", "xx1@y", "none"}) {
      EXPECT_EQ(Lookup(kind + path, key), AskOpenDkim(kind + path, key)) << kind << " " << key;
    }
  }
  for (const std::string_view key : {"a", "b", "c", "d"}) {
    EXPECT_EQ(Lookup("csl:b=2,c=x:y", key), AskOpenDkim("csl:b=2,c=x:y", key)) << key;
  }
}

}  // namespace
}  // namespace postseal::milter
