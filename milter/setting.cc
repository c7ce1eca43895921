#include "milter/setting.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "milter/diagnostic.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

constexpr base::CharSet kBlank = base::CharSet(" \t\r\v\f");

class SettingReader {
 public:
  SettingReader(const FileReader& read, std::vector<Diagnostic>* diagnostics)
      : read_(read), diagnostics_(*diagnostics) {}

  // ReadFile reads |path|, which |from| names, |depth| files down.
  void ReadFile(const std::string& path, const Place& from, size_t depth);

  std::vector<Setting> settings() && { return std::move(settings_); }

 private:
  void ReadText(std::string_view text, const std::string& file, size_t depth);
  void ReadLine(std::string_view line, const Place& place, size_t depth);
  void Error(const Place& place, std::string text) {
    diagnostics_.push_back({Severity::kError, place, std::move(text)});
  }

  const FileReader& read_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Setting> settings_;
  size_t included_ = 0;
  bool full_ = false;
};

void SettingReader::ReadFile(const std::string& path, const Place& from, size_t depth) {
  if (depth > kMaxIncludeDepth) {
    return Error(
        from, absl::StrCat("Include is nested too deep: more than ", kMaxIncludeDepth, " files"));
  }
  if (depth > 0 && ++included_ > kMaxIncludes) {
    if (included_ == kMaxIncludes + 1) {
      Error(from, absl::StrCat("more than ", kMaxIncludes, " files are included"));
    }
    return;
  }
  const absl::StatusOr<std::string> text = read_(path, kMaxConfigOctets);
  if (!text.ok()) return Error(from, absl::StrCat(path, ": ", text.status().message()));
  ReadText(*text, path, depth);
}

void SettingReader::ReadText(std::string_view text, const std::string& file, size_t depth) {
  base::Cursor cursor(text);
  for (size_t line = 1; !cursor.at_end() && !full_; ++line) {
    const std::string_view content = cursor.TakeUntil('\n');
    cursor.Take('\n');
    ReadLine(content, Place{file, line}, depth);
  }
}

void SettingReader::ReadLine(std::string_view line, const Place& place, size_t depth) {
  if (line.size() > kMaxSettingOctets) {
    return Error(place, absl::StrCat("the line has more than ", kMaxSettingOctets, " octets"));
  }
  line = base::Strip(line.substr(0, line.find('#')), kBlank);
  if (line.empty()) return;
  size_t name = 0;
  while (name < line.size() && !kBlank(line[name])) ++name;
  Setting setting;
  setting.name = std::string(line.substr(0, name));
  setting.value = std::string(base::Strip(line.substr(name), kBlank));
  setting.place = place;
  if (base::EqualsIgnoreCase(setting.name, "Include") && !setting.value.empty()) {
    return ReadFile(setting.value, place, depth + 1);
  }
  if (settings_.size() == kMaxSettings) {
    full_ = true;
    return Error(place, absl::StrCat("the configuration has more than ", kMaxSettings, " lines"));
  }
  settings_.push_back(std::move(setting));
}

}  // namespace

std::vector<Setting> ReadSettings(const std::string& path, const FileReader& read,
                                  std::vector<Diagnostic>* diagnostics) {
  SettingReader reader(read, diagnostics);
  reader.ReadFile(path, Place(), 0);
  return std::move(reader).settings();
}

}  // namespace postseal::milter
