#include "milter/data_set.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/secret.h"
#include "milter/diagnostic.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

constexpr base::CharSet kBlank = base::CharSet(" \t\r\v\f");

// UnreadKind is a kind of opendkim(8) that is not read here.
struct UnreadKind {
  std::string_view prefix;
  std::string_view what;
};
constexpr UnreadKind kUnreadKinds[] = {
    {"db:", "a Berkeley DB file"},   {"bdb:", "a Berkeley DB file"},
    {"dsn:", "an SQL database"},     {"ldap:", "an LDAP directory"},
    {"ldaps:", "an LDAP directory"}, {"ldapi:", "an LDAP directory"},
    {"lua:", "a Lua script"},        {"memcache:", "a memcached server"},
    {"erlang:", "an Erlang node"},   {"mdb:", "an LMDB file"},
};

absl::Status NotRead(std::string_view what) {
  return absl::UnimplementedError(
      absl::StrCat("the data set is ", what,
                   ", which is not read here: write its rows to a text file, one a line, name it "
                   "file:PATH (refile:PATH for patterns), and send SIGHUP when it changes"));
}

absl::StatusOr<DataSet> ReadFile(std::string_view path, DataSet::Kind kind,
                                 std::string_view base_directory, const FileReader& read) {
  const std::string file = PathBelow(base_directory, path);
  if (path.empty()) return absl::InvalidArgumentError("the path of the data set is missing");
  absl::StatusOr<std::string> text = read(file, kMaxTableOctets);
  if (!text.ok()) {
    return absl::Status(text.status().code(), absl::StrCat(file, ": ", text.status().message()));
  }
  if (text->starts_with("\xEF\xBB\xBF")) {
    // It would be part of the first row's key, which then matches nothing.
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": begins with a byte order mark: save it as UTF-8 without one"));
  }
  absl::StatusOr<DataSet> set = ParseDataRows(*text, kind, file);
  base::Wipe(text->data(), text->size());  // it may hold keys
  if (!set.ok()) {
    return absl::Status(set.status().code(), absl::StrCat(file, ": ", set.status().message()));
  }
  return set;
}

absl::Status TooManyRows() {
  return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxDataRows, " rows"));
}

}  // namespace

absl::StatusOr<DataSet> ReadDataSet(std::string_view spec, const Place& place,
                                    std::string_view base_directory, const FileReader& read) {
  base::Cursor cursor(spec);
  if (cursor.TakeIgnoreCase("refile:"))
    return ReadFile(cursor.rest(), DataSet::Kind::kPatterns, base_directory, read);
  if (cursor.TakeIgnoreCase("file:"))
    return ReadFile(cursor.rest(), DataSet::Kind::kFile, base_directory, read);
  if (cursor.TakeIgnoreCase("csl:")) return ParseDataList(cursor.rest(), place);
  for (const UnreadKind& kind : kUnreadKinds) {
    if (cursor.TakeIgnoreCase(kind.prefix)) return NotRead(kind.what);
  }
  if (cursor.Peek() == '/') {
    if (spec.size() > 3 && spec.substr(spec.size() - 3) == ".db") {
      return NotRead("a Berkeley DB file, by its name");
    }
    return ReadFile(spec, DataSet::Kind::kFile, base_directory, read);
  }
  // OpenDKIM takes whatever stands before a colon for a kind, be it an IPv6 address;
  // here only a word is one.
  const std::string_view word = spec.substr(0, spec.find(':'));
  if (word.size() > 1 && word.size() < spec.size() && base::AllIn(word, base::kAlpha) &&
      spec.find(',') == std::string_view::npos && spec.find("::") == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", word, ":\" is no kind of data set: file:, refile: and csl: are"));
  }
  return ParseDataList(spec, place);
}

absl::StatusOr<DataSet> ParseDataList(std::string_view text, const Place& place) {
  DataSet set;
  set.kind = DataSet::Kind::kList;
  set.file = place.file;
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    const std::string_view element = base::Strip(cursor.TakeUntil(','), kBlank);
    cursor.Take(',');
    if (element.empty()) continue;
    if (set.rows.size() == kMaxDataRows) return TooManyRows();
    const size_t equals = element.find('=');
    DataRow row;
    row.key = std::string(base::Strip(element.substr(0, equals), kBlank));
    if (equals != std::string_view::npos) {
      row.value = std::string(base::Strip(element.substr(equals + 1), kBlank));
    }
    row.line = place.line;
    set.rows.push_back(std::move(row));
  }
  return set;
}

absl::StatusOr<DataSet> ParseDataRows(std::string_view text, DataSet::Kind kind,
                                      std::string_view file) {
  DataSet set;
  set.kind = kind;
  set.file = std::string(file);
  base::Cursor cursor(text);
  for (size_t line = 1; !cursor.at_end(); ++line) {
    std::string_view content = cursor.TakeUntil('\n');
    cursor.Take('\n');
    if (content.size() > kMaxRowOctets) {
      return absl::ResourceExhaustedError(
          absl::StrCat("line ", line, " has more than ", kMaxRowOctets, " octets"));
    }
    content = base::Strip(content.substr(0, content.find('#')), kBlank);
    if (content.empty()) continue;
    if (set.rows.size() == kMaxDataRows) return TooManyRows();
    base::Cursor words(content);
    DataRow row;
    size_t key = 0;
    while (key < content.size() && !kBlank(content[key])) ++key;
    row.key = std::string(words.TakeCount(key));
    row.value = std::string(base::Strip(words.rest(), kBlank));
    row.line = line;
    set.rows.push_back(std::move(row));
  }
  return set;
}

std::vector<std::string_view> SplitFields(std::string_view value, size_t max) {
  std::vector<std::string_view> fields;
  base::Cursor cursor(value);
  while (fields.size() + 1 < max && cursor.rest().find(':') != std::string_view::npos) {
    fields.push_back(base::Strip(cursor.TakeUntil(':'), kBlank));
    cursor.Take(':');
  }
  fields.push_back(base::Strip(cursor.rest(), kBlank));
  return fields;
}

}  // namespace postseal::milter
