// DataSet: the "dataset" of opendkim(8): a list in the configuration, or a file of
// rows.
#ifndef POSTSEAL_MILTER_DATA_SET_H_
#define POSTSEAL_MILTER_DATA_SET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "milter/diagnostic.h"
#include "milter/text_file.h"

namespace postseal::milter {

// kMaxDataRows bounds the rows of one data set.
inline constexpr size_t kMaxDataRows = 1'000'000;
// kMaxRowOctets bounds a line of a data set, in octets: an RSA key of 8192 bits in
// base64 (6,400) with a name before it.
inline constexpr size_t kMaxRowOctets = 16 * 1024;

// DataRow is one element: what it is found by, and what stands beside it.
struct DataRow {
  std::string key;
  std::string value;  // not split; often empty
  size_t line = 0;
};

// DataSet is what a data set holds, in its order.
struct DataSet {
  enum class Kind : uint8_t {
    kList,      // csl:A,B=VALUE or A,B
    kFile,      // file:PATH or /PATH
    kPatterns,  // refile:PATH: keys are patterns with "*"
  };

  Kind kind = Kind::kList;
  std::string file;  // where the rows stand: of kList, the configuration file
  std::vector<DataRow> rows;

  Place PlaceOf(const DataRow& row) const { return Place{file, row.line}; }
  // Fault and Error say |text| of |row|.
  Diagnostic Fault(const DataRow& row, std::string text) const {
    return Diagnostic{Severity::kFault, PlaceOf(row), std::move(text)};
  }
  Diagnostic Error(const DataRow& row, std::string text) const {
    return Diagnostic{Severity::kError, PlaceOf(row), std::move(text)};
  }
};

// ReadDataSet reads what |spec|, the value of a directive at |place|, names. The
// kinds of opendkim(8) that need a database or a server are Unimplemented, with what
// to do instead; other errors are those of the file. The error's text is without
// |place|. Relative paths are below |base_directory|, if it is not empty.
absl::StatusOr<DataSet> ReadDataSet(std::string_view spec, const Place& place,
                                    std::string_view base_directory = "",
                                    const FileReader& read = ReadTextFile);

// ParseDataList reads a comma separated list, "A, B=VALUE", that stands at |place|.
absl::StatusOr<DataSet> ParseDataList(std::string_view text, const Place& place);

// ParseDataRows reads the text of a file: one row a line, "KEY VALUE"; "#" begins a
// comment, wherever it stands. Empty lines are no rows. |file| is for the result.
absl::StatusOr<DataSet> ParseDataRows(std::string_view text, DataSet::Kind kind,
                                      std::string_view file);

// SplitFields splits |value| at its colons into at most |max| fields, the last of
// which keeps the colons it has, and strips white space around each.
std::vector<std::string_view> SplitFields(std::string_view value, size_t max);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DATA_SET_H_
