// ParseFault: where and how a field is not what RFC 8601 §2.2 says.
#ifndef POSTSEAL_AUTHRES_PARSE_FAULT_H_
#define POSTSEAL_AUTHRES_PARSE_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace postseal::authres {

// Fault is a kind of ParseFault. Some are departures (IsDeparture): common, and what
// was meant is clear. Some are obstacles (IsObstacle): no result of the field is read.
// After any other, the reading goes on with the next result.
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
  kOddKeyword,
  kArcInstance,
};

constexpr bool IsDeparture(Fault fault) {
  return fault <= Fault::kUntypedProperty || fault == Fault::kOddKeyword ||
         fault == Fault::kArcInstance;
}

// IsObstacle: beyond a limit, of a version whose syntax is not known, or with an octet
// at which readers disagree on where the field ends.
constexpr bool IsObstacle(Fault fault) {
  return fault >= Fault::kFieldTooLong && fault <= Fault::kBadOctet;
}

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
    case Fault::kOddKeyword:
      return "a dot or an underscore in a keyword";
    case Fault::kArcInstance:
      return "an instance, as ARC-Authentication-Results has it";
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
