// The Authentication-Results cases of other projects, in the folder that
// POSTSEAL_SUITES names; without it there are no cases.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"
#include "nlohmann/json.hpp"

namespace postseal::authres {
namespace {

using nlohmann::json;

// SuitesFolder is where the cases are; empty when there are none.
std::string SuitesFolder() {
  const char* const folder = std::getenv("POSTSEAL_SUITES");
  if (folder == nullptr) {
    std::printf("POSTSEAL_SUITES is not set: 0 cases\n");
    return "";
  }
  return absl::StrCat(folder, "/authres/");
}

json ReadCases(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file)["cases"];
}

// ParseOnly reads the one field of |header|, which may lack its CRLF.
ParsedField ParseOnly(std::string header) {
  if (!header.ends_with("\r\n")) header += "\r\n";
  mail::MessageReader reader;
  reader.Feed(header + "\r\n");
  EXPECT_EQ(reader.fields().size(), 1u) << header;
  EXPECT_TRUE(reader.fields()[0].NameIs(kFieldName)) << header;
  return Parse(reader.fields()[0].value);
}

// ValueOf is what other projects' paths name, such as resinfo.0.properties.header.d;
// "(absent)" when it is not there.
std::string ValueOf(const ParsedField& field, const std::string& path) {
  if (path == "authserv_id") return field.authserv_id.value_or("");
  if (path == "authres_version") return absl::StrCat(field.version.value_or(1));
  if (path == "resinfo.length") return absl::StrCat(field.results.size());
  const std::vector<std::string> words = absl::StrSplit(path, '.');
  size_t index = 0;
  if (words.size() < 3 || !absl::SimpleAtoi(words[1], &index) || index >= field.results.size()) {
    return "(absent)";
  }
  const Result& result = field.results[index];
  if (words[2] == "method") return result.method;
  if (words[2] == "method_version") return absl::StrCat(result.method_version.value_or(1));
  if (words[2] == "result") return result.result;
  if (words[2] == "reason") return result.reason.empty() ? "(absent)" : result.reason;
  for (const Property& property : result.properties) {
    if (words.size() == 5 && property.ptype == words[3] && property.property == words[4]) {
      return property.value;
    }
  }
  return "(absent)";
}

std::string Text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

TEST(AuthresSuitesTest, Lieser) {
  const std::string folder = SuitesFolder();
  if (folder.empty()) return;
  // Headers that are fields of RFC 8601 though that parser's strict mode refuses
  // them, with the clause.
  constexpr std::string_view kWords = "§2.2: a result is a Keyword, known to the reader or not";
  const std::map<std::string, std::string_view> kDisagreements = {
      {"dkim=Pass", kWords},
      {"dkim=hardfail", kWords},
      {"dkim=timeout", kWords},
      {"dkim=foo", kWords},
      {"spf=foo", kWords},
      {"dmarc=bestguesspass", kWords},
      {"dmarc=foo", kWords},
      {"dkim=pass header.i=Blo\u00df.de", "§2.2, RFC 6531 §3.3: it cannot know of SMTPUTF8"},
  };
  std::set<std::string> disagreed;
  int count = 0;
  for (const json& c : ReadCases(folder + "lieser.json")) {
    ++count;
    const std::string header = c["header"];
    SCOPED_TRACE(c["id"].get<std::string>());
    const ParsedField field = ParseOnly(header);
    const bool wanted = c["valid"];
    const bool valid = c["mode"] == "strict" ? field.IsValid() : field.IsReadable();
    if (valid != wanted) {
      const std::string results = header.substr(header.find(';') + 1);
      const std::string key(absl::StripAsciiWhitespace(results));
      EXPECT_TRUE(kDisagreements.contains(key)) << header;
      disagreed.insert(key);
      continue;
    }
    for (const auto& [path, value] : c["expect"].items()) {
      EXPECT_EQ(ValueOf(field, path), Text(value)) << header << path;
    }
  }
  EXPECT_EQ(count, 78);
  EXPECT_EQ(disagreed.size(), kDisagreements.size()) << "some are no disagreement any more";
  std::printf("lieser: %d cases\n", count);
}

TEST(AuthresSuitesTest, GoMsgauth) {
  const std::string folder = SuitesFolder();
  if (folder.empty()) return;
  int count = 0;
  for (const json& c : ReadCases(folder + "go-msgauth.json")) {
    ++count;
    const std::string value = c["header_value"];
    SCOPED_TRACE(value);
    const ParsedField field = Parse(value);
    // Disagreement: RFC 8601 §2.2 has no field without an authserv-id.
    if (value.empty()) {
      EXPECT_FALSE(field.IsReadable()) << "no disagreement any more";
      continue;
    }
    EXPECT_EQ(field.IsReadable(), c["valid"].get<bool>());
    EXPECT_EQ(field.authserv_id, c["authserv_id"].get<std::string>());
    ASSERT_EQ(field.results.size(), c["results"].size());
    for (size_t i = 0; i < field.results.size(); ++i) {
      const Result& result = field.results[i];
      for (const auto& [name, wanted] : c["results"][i].items()) {
        const std::string text = Text(wanted);
        if (name == "method") {
          EXPECT_EQ(result.method, text);
        } else if (name == "result") {
          EXPECT_EQ(result.result, text);
        } else if (name == "Reason") {
          EXPECT_EQ(result.reason, text);
        } else {
          ASSERT_EQ(result.properties.size(), 1u);
          const Property& property = result.properties[0];
          EXPECT_EQ(name == "HeaderKey" ? property.property : property.value, text) << name;
        }
      }
    }
  }
  EXPECT_EQ(count, 13);
  std::printf("go-msgauth: %d cases\n", count);
}

// PythonValueOf is what python authres calls |path|, such as
// arobj.results[0].properties[1].name or arobj.results[0].smtp_mailfrom; empty for
// a whole result.
std::string PythonValueOf(const ParsedField& field, const std::string& path) {
  const std::vector<std::string> words = absl::StrSplit(path, absl::ByAnyChar(".[]"));
  if (words.size() == 2) return field.authserv_id.value_or("None");
  const Result& result = field.results.at(std::stoul(words[2]));
  if (words.size() < 5) return "";
  const std::string& name = words[4];
  if (name == "properties") {
    const Property& property = result.properties.at(std::stoul(words[5]));
    const std::string& part = words[7];
    return part == "type" ? property.ptype : part == "name" ? property.property : property.value;
  }
  if (name == "method") return result.method;
  if (name == "result") return result.result;
  if (name == "reason") return result.reason.empty() ? "None" : result.reason;
  for (const Property& property : result.properties) {
    if (absl::StrCat(property.ptype, "_", property.property) == name) return property.value;
  }
  return "None";
}

TEST(AuthresSuitesTest, PythonAuthres) {
  const std::string folder = SuitesFolder();
  if (folder.empty()) return;
  int count = 0;
  int asserts = 0;
  for (const json& c : ReadCases(folder + "authres-python.json")) {
    ++count;
    const std::string header = c["header"];
    SCOPED_TRACE(header);
    const ParsedField field = ParseOnly(header);
    EXPECT_TRUE(field.IsReadable());
    // The doctests go on with other headers, which are not in the file: from there
    // on paths come a second time.
    std::set<std::string> seen;
    for (const json& check : c["asserts"]) {
      const std::string path = check[0];
      if (!seen.insert(path).second) break;
      const std::string value = PythonValueOf(field, path);
      if (value.empty()) continue;
      ++asserts;
      EXPECT_EQ(value, check[1].get<std::string>()) << path;
    }
  }
  EXPECT_EQ(count, 12);
  std::printf("authres-python: %d cases, %d values\n", count, asserts);
}

// ReadMessage reads a file in Unix form.
std::string ReadMessage(const std::filesystem::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return absl::StrReplaceAll(absl::StrReplaceAll(text, {{"\r\n", "\n"}}), {{"\n", "\r\n"}});
}

TEST(AuthresSuitesTest, MessagesOfLieser) {
  const std::string folder = SuitesFolder();
  if (folder.empty()) return;
  int messages = 0;
  int fields = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "lieser-messages")) {
    ++messages;
    mail::MessageReader reader;
    reader.Feed(ReadMessage(entry.path()));
    for (const mail::Field& field : reader.fields()) {
      if (!field.NameIs(kFieldName)) continue;
      ++fields;
      EXPECT_TRUE(Parse(field.value).IsReadable()) << entry.path() << field.value;
      // RFC 2045 §5.1: a token holds no "/".
      const bool is_bad = field.value.find("example/net") != field.value.npos;
      EXPECT_FALSE(is_bad && Parse(field.value).IsValid()) << entry.path() << field.value;
    }
  }
  EXPECT_EQ(messages, 21);
  EXPECT_GE(fields, messages);
  std::printf("lieser-messages: %d messages, %d fields\n", messages, fields);
}

}  // namespace
}  // namespace postseal::authres
