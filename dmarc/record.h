// Record: a DMARC Policy Record. RFC 9989 §4.7, §4.8; RFC 7489 §6.3, §6.4
#ifndef POSTSEAL_DMARC_RECORD_H_
#define POSTSEAL_DMARC_RECORD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "dmarc/report_uri.h"

namespace postseal::dmarc {

// Mode is the edition of DMARC that is followed. RFC 9989 obsoletes RFC 7489,
// which is kept to show where the two differ.
enum class Mode : uint8_t { kRfc9989, kRfc7489 };

constexpr std::string_view ModeName(Mode mode) {
  return mode == Mode::kRfc9989 ? "rfc9989" : "rfc7489";
}

// Policy is what a domain asks for mail that fails, from mild to strict: the
// numbers are ordered, and the C ABI exports them.
enum class Policy : uint8_t { kNone = 0, kQuarantine = 1, kReject = 2 };

constexpr std::string_view PolicyName(Policy policy) {
  switch (policy) {
    case Policy::kNone:
      return "none";
    case Policy::kQuarantine:
      return "quarantine";
    case Policy::kReject:
      return "reject";
  }
  return "none";
}

enum class AlignmentMode : uint8_t { kRelaxed, kStrict };

// Psd says what psd= says of the domain: u (or nothing), y, n.
enum class Psd : uint8_t { kUnknown, kPublicSuffix, kOrganization };

// FailureOptions are the values of fo=.
struct FailureOptions {
  friend bool operator==(const FailureOptions& a, const FailureOptions& b) {
    return a.all_failed == b.all_failed && a.any_failed == b.any_failed && a.dkim == b.dkim &&
           a.spf == b.spf;
  }

  bool all_failed = false;  // 0
  bool any_failed = false;  // 1
  bool dkim = false;        // d
  bool spf = false;         // s
};

enum class WarningCode : uint8_t {
  kUnknownTag,            // ignored, as must be; perhaps misspelt
  kUpperCaseName,         // a known tag but for its case, ignored (RFC 6376 §3.2 ¶7)
  kHistoricTag,           // pct=, rf=, ri=: RFC 9989 §9.3 made them historic
  kDuplicateTag,          // the default is used instead of either value
  kBadTag,                // no name and "=", the segment is ignored
  kBadValue,              // the default is used
  kBadUri,                // this URI is ignored
  kObsoleteSize,          // "!10m" behind a URI is ignored
  kTooManyUris,           // more than kMaxReportUris
  kMissingPolicy,         // no p=
  kPolicyNotSecond,       // RFC 7489 alone: p= has to follow v=
  kFailureOptionsUnused,  // fo= without ruf=
};

// WarningText is one line for a person.
constexpr std::string_view WarningText(WarningCode code);

// Warning is what a record's owner should mend. Evaluation goes on with defaults.
struct Warning {
  WarningCode code = WarningCode::kUnknownTag;
  std::string_view tag;  // as spelled; empty when there is none
  size_t offset = 0;     // of the tag, the value or the URI, in Record::text
};

// kMaxReportUris bounds the URIs of one tag; further ones are ignored. RFC 9990 §3.5
// leaves the number to the reporter.
inline constexpr size_t kMaxReportUris = 32;
// kMaxWarnings bounds Record::warnings; further ones are dropped.
inline constexpr size_t kMaxWarnings = 16;

// Record is a DMARC record with each value, or its default where the tag is
// absent or malformed. All of it lives in an arena, and |text| with whoever gave it.
struct Record {
  // Equal records ask for the same, whatever was wrong with their text.
  friend bool operator==(const Record& a, const Record& b) {
    return a.p == b.p && a.sp == b.sp && a.np == b.np && a.psd == b.psd && a.test == b.test &&
           a.adkim == b.adkim && a.aspf == b.aspf && a.fo == b.fo &&
           std::equal(a.rua.begin(), a.rua.end(), b.rua.begin(), b.rua.end()) &&
           std::equal(a.ruf.begin(), a.ruf.end(), b.ruf.begin(), b.ruf.end()) && a.pct == b.pct &&
           a.ri == b.ri;
  }
  // has_valid_policies says that p= is there and that p=, sp= and np= are valid.
  // What to do otherwise: dmarc/policy.h. RFC 9989 §4.10.1
  bool has_valid_policies() const { return p.has_value() && subdomain_policies_valid; }

  std::string_view text;
  std::optional<Policy> p;
  std::optional<Policy> sp;
  std::optional<Policy> np;
  bool subdomain_policies_valid = true;  // sp= and np=, where they are there
  Psd psd = Psd::kUnknown;
  bool test = false;  // t=y
  AlignmentMode adkim = AlignmentMode::kRelaxed;
  AlignmentMode aspf = AlignmentMode::kRelaxed;
  FailureOptions fo;
  std::span<const ReportUri> rua;
  std::span<const ReportUri> ruf;
  // Of RFC 7489 alone; in the other mode always absent. rf= has no field: its only
  // value is its default.
  std::optional<uint8_t> pct;  // per cent
  std::optional<uint32_t> ri;  // seconds
  std::span<const Warning> warnings;
};

// IsDmarc says whether |text| begins with the tag v=DMARC1, in this case. Any
// other text is no DMARC record, which is not an error. RFC 9989 §4.7, v
bool IsDmarc(std::string_view text);

// ParseRecord reads the joined strings of a TXT record; nullopt when it is none of
// DMARC's. Errors behind v= cost the tag they stand in, never the record
// (RFC 9989 §4.8 ¶1). A tag that occurs twice is an error of that tag [choice]:
// neither value counts.
std::optional<Record> ParseRecord(std::string_view text, Mode mode, base::Arena* arena);

// Print writes |record| in one spelling and order, without defaults. Parsing that,
// in the same mode, gives an equal record.
std::string Print(const Record& record);

}  // namespace postseal::dmarc

#include "dmarc/record-inl.h"

#endif  // POSTSEAL_DMARC_RECORD_H_
