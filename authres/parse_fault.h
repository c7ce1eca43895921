// ParseFault: where and how a field is not what RFC 8601 §2.2 says.
#ifndef POSTSEAL_AUTHRES_PARSE_FAULT_H_
#define POSTSEAL_AUTHRES_PARSE_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace postseal::authres {

// Fault is a kind of ParseFault. Up to kUntypedProperty they are departures:
// common, and what was meant is clear, so the field is read all the same. The rest
// end the reading, and no result is kept: half a field is nobody's statement.
enum class Fault : uint8_t {
  kNoAuthservId,
  kEmptyResult,
  kBareValue,
  kUntypedProperty,
  kFieldTooLong,
  kTooManyResults,
  kTooManyProperties,
  kUnsupportedVersion,
  kBadOctet,
  kUnclosedComment,
  kUnclosedQuote,
  kBadAuthservId,
  kNoSemicolon,
  kBadMethod,
  kBadResult,
  kBadProperty,
  kBadValue,
  kResultBesideNone,
};

constexpr bool IsDeparture(Fault fault) { return fault <= Fault::kUntypedProperty; }

// FaultText is |fault| in words, for people.
constexpr std::string_view FaultText(Fault fault) {
  switch (fault) {
    case Fault::kNoAuthservId:
      return "the authserv-id is missing";
    case Fault::kEmptyResult:
      return "a semicolon without a result after it";
    case Fault::kBareValue:
      return "a value that needs quotes has none";
    case Fault::kUntypedProperty:
      return "a property without a type";
    case Fault::kFieldTooLong:
      return "the field is longer than is read";
    case Fault::kTooManyResults:
      return "more results than are read";
    case Fault::kTooManyProperties:
      return "more properties than are read";
    case Fault::kUnsupportedVersion:
      return "the version is not 1";
    case Fault::kBadOctet:
      return "a control, or an octet that is not UTF-8";
    case Fault::kUnclosedComment:
      return "a comment does not end";
    case Fault::kUnclosedQuote:
      return "a quoted string does not end";
    case Fault::kBadAuthservId:
      return "no authserv-id where one belongs";
    case Fault::kNoSemicolon:
      return "no semicolon where one belongs";
    case Fault::kBadMethod:
      return "no method where one belongs";
    case Fault::kBadResult:
      return "no result where one belongs";
    case Fault::kBadProperty:
      return "no property where one belongs";
    case Fault::kBadValue:
      return "no value where one belongs";
    case Fault::kResultBesideNone:
      return "a result beside \"none\"";
  }
  return "";
}

// ParseFault is a fault and its place, in octets from the start of the text.
struct ParseFault {
  Fault fault = Fault::kBadOctet;
  size_t offset = 0;

  std::string Text() const { return absl::StrCat(FaultText(fault), ", at octet ", offset); }

  bool operator==(const ParseFault&) const = default;
};

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_PARSE_FAULT_H_
