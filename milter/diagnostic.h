// Diagnostic: what is wrong, or worth knowing, about a line of a configuration.
#ifndef POSTSEAL_MILTER_DIAGNOSTIC_H_
#define POSTSEAL_MILTER_DIAGNOSTIC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/escape.h"

namespace postseal::milter {

// Severity says what follows from a diagnostic:
//
//   kError    the milter does not start, and a reload keeps the old configuration
//   kFault    a row of a table, or a key, cannot be used. The milter starts without it, as
//             OpenDKIM does. A reload that brings a fault that was not there before keeps
//             the old configuration, and -n exits with 78.
//   kWarning  the configuration is used
//   kNote     for somebody who asks what a line means
enum class Severity : uint8_t { kError, kFault, kWarning, kNote };

constexpr std::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kFault:
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "";
}

// Place is where something was written.
struct Place {
  std::string file;
  size_t line = 0;  // from 1; 0: the file as a whole
};

// Diagnostic is one line for the administrator. |text| may quote what files hold: it
// is escaped when it is printed, not before.
struct Diagnostic {
  Severity severity = Severity::kError;
  Place place;
  std::string text;
};

// Print returns "FILE:LINE", or what of it there is, escaped.
inline std::string Print(const Place& place) {
  std::string out = base::Escape(place.file, base::NonAscii::kPassGraphic);
  if (place.line != 0) absl::StrAppend(&out, out.empty() ? "line " : ":", place.line);
  return out;
}

// Print returns "FILE:LINE: SEVERITY: TEXT", escaped, without a line end.
inline std::string Print(const Diagnostic& diagnostic) {
  const std::string place = Print(diagnostic.place);
  return absl::StrCat(place, place.empty() ? "" : ": ", Name(diagnostic.severity), ": ",
                      base::Escape(diagnostic.text, base::NonAscii::kPassGraphic));
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DIAGNOSTIC_H_
