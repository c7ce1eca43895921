// LintReport: what is wrong with the SPF records of a domain, and what they come to.
#ifndef POSTSEAL_SPF_LINT_REPORT_H_
#define POSTSEAL_SPF_LINT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spf/lint_code.h"

namespace postseal::spf {

// kMaxFindings bounds the findings of one lint; the rest is counted. A record of
// 64 KiB can have thousands.
inline constexpr size_t kMaxFindings = 200;

// kMaxCounted is where counts of terms end: records that include each other twice
// count to more than a number holds. More is the same as this.
inline constexpr size_t kMaxCounted = 1'000'000;

// Finding is one thing to know about a record.
struct Finding {
  LintCode code = LintCode::kNoRecord;
  std::string_view clause;
  // The domain whose record it is about.
  std::string domain;
  // Where in that record, and how many octets of it; nullopt for the whole record.
  std::optional<size_t> offset;
  size_t size = 0;
  std::string text;

  Severity severity() const { return InfoOf(code).severity; }
};

// LintedRecord is one record of the tree.
struct LintedRecord {
  std::string domain;
  std::string text;
};

// LintReport owns its text, which is what the DNS says and is not escaped.
struct LintReport {
  // In the order of the records, then of their offsets.
  std::vector<Finding> findings;
  // How many more there were.
  size_t dropped_findings = 0;
  // One of the findings is an error, of those that were dropped too.
  bool has_errors = false;
  // The record of the domain, then those that it leads to, each once, in the order
  // in which they are met.
  std::vector<LintedRecord> records;
  // Terms that need a lookup, for a client that nothing matches: every record counts
  // as often as it is included. Up to kMaxCounted. RFC 7208 §4.6.4 ¶1
  size_t terms = 0;
  // Lookups that find nothing, for the same client; the larger number of an IPv4 and
  // an IPv6 one. Up to kMaxCounted. RFC 7208 §4.6.4 ¶6
  size_t void_lookups = 0;
  // Addresses that a pass term names, each once; what an earlier term with another
  // qualifier takes away is not subtracted, and exists, ptr and macros do not count.
  uint64_t ipv4_addresses = 0;
  // The same in IPv6 networks of 64 bits, whole or in part; all of them are
  // UINT64_MAX.
  uint64_t ipv6_networks = 0;
  // A lookup failed, so that the report may be wrong.
  bool temp_error = false;

  // RecordOf is the text of |domain|'s record; empty without one.
  std::string_view RecordOf(std::string_view domain) const {
    for (const LintedRecord& record : records) {
      if (record.domain == domain) return record.text;
    }
    return {};
  }
};

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_REPORT_H_
