// Fact: what an aggregate report says of one message, and FactSink, which takes it.
// RFC 9990
#ifndef POSTSEAL_STORE_FACT_H_
#define POSTSEAL_STORE_FACT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "auth/envelope.h"
#include "auth/report.h"
#include "base/result.h"
#include "dmarc/policy.h"
#include "dmarc/record.h"
#include "dns/address.h"

namespace postseal::store {

// kMaxDomainOctets bounds each domain of a Fact, in octets: what is longer is no
// name of the DNS (RFC 1035 §2.3.4) and is cut.
inline constexpr size_t kMaxDomainOctets = 255;
// kMaxSelectorOctets bounds a selector, in octets; it is a name too.
inline constexpr size_t kMaxSelectorOctets = 255;
// kMaxCommentOctets bounds OverrideReason::comment, in octets.
inline constexpr size_t kMaxCommentOctets = 255;
// kMaxHumanOctets bounds DkimFact::human, in octets.
inline constexpr size_t kMaxHumanOctets = 64;
// kMaxDkimFacts bounds the signatures of a Fact. RFC 9990
inline constexpr size_t kMaxDkimFacts = 100;
// kMaxOverrideReasons bounds the reasons of a Fact.
inline constexpr size_t kMaxOverrideReasons = 8;
// kMaxFactTime is the last second of the year 9999, in Unix seconds.
inline constexpr int64_t kMaxFactTime = 253402300799;
inline constexpr int64_t kSecondsADay = 86400;

// Disposition is what was done with the message because of DMARC.
enum class Disposition : uint8_t {
  kNone = 0,
  kPass = 1,  // DMARC passed, and the policy would have been acted on
  kQuarantine = 2,
  kReject = 3,
};

// DispositionName is the word of RFC 9990 for |disposition|.
constexpr std::string_view DispositionName(Disposition disposition);

// OverrideType is why the policy was not applied as published.
enum class OverrideType : uint8_t {
  kLocalPolicy = 0,
  kMailingList = 1,
  kOther = 2,
  kPolicyTestMode = 3,
  kTrustedForwarder = 4,
};

// OverrideTypeName is the word of RFC 9990 for |type|.
constexpr std::string_view OverrideTypeName(OverrideType type);

struct OverrideReason {
  friend bool operator==(const OverrideReason&, const OverrideReason&) = default;

  OverrideType type = OverrideType::kOther;
  std::string comment;
};

// PublishedPolicy is the configuration that the Policy Domain had published. A report
// is about one domain and one configuration.
struct PublishedPolicy {
  friend bool operator==(const PublishedPolicy&, const PublishedPolicy&) = default;

  // kNone as well where p=none was assumed: RFC 9989 §4.10.1.
  dmarc::Policy p = dmarc::Policy::kNone;
  std::optional<dmarc::Policy> sp;
  std::optional<dmarc::Policy> np;
  dmarc::AlignmentMode adkim = dmarc::AlignmentMode::kRelaxed;
  dmarc::AlignmentMode aspf = dmarc::AlignmentMode::kRelaxed;
  bool testing = false;        // t=y
  std::optional<uint8_t> pct;  // of RFC 7489, per cent
  dmarc::FailureOptions fo;
  dmarc::Mode discovery = dmarc::Mode::kRfc9989;
  // There is a valid rua=: somebody wants a report.
  bool has_rua = false;
};

struct DkimFact {
  friend bool operator==(const DkimFact&, const DkimFact&) = default;

  std::string domain;
  std::string selector;
  base::Result result = base::Result::kNone;
  std::string human;  // dkim::ReasonInfo::name
};

// SpfFact is about the MAIL FROM identity, the only one a report has.
struct SpfFact {
  friend bool operator==(const SpfFact&, const SpfFact&) = default;

  std::string domain;
  base::Result result = base::Result::kNone;
};

// Fact owns its text. MakeFact sees to it that all text is UTF-8 without controls and
// within the limits above.
struct Fact {
  friend bool operator==(const Fact&, const Fact&) = default;

  // day is the day (UTC) of |time|, in days since 1970-01-01.
  int64_t day() const { return time / kSecondsADay; }

  int64_t time = 0;  // Unix seconds, 0 to kMaxFactTime
  dns::IpAddress source_ip;
  // The Author Domain.
  std::string header_from;
  // The domain of the reverse-path: empty of a null one, absent where the path is
  // not known or names no domain.
  std::optional<std::string> envelope_from;
  // The domain of the recipient, for who wants to tell it.
  std::optional<std::string> envelope_to;
  std::string policy_domain;
  PublishedPolicy policy;
  Disposition disposition = Disposition::kNone;
  std::vector<OverrideReason> reasons;
  bool aligned_dkim = false;
  bool aligned_spf = false;
  // In an order of its own, so that equal sets are equal.
  std::vector<DkimFact> dkim;
  std::optional<SpfFact> spf;
};

// Handling is what the receiver did with the message.
struct Handling {
  // What was done because of DMARC; kNone when the message was let through, or was
  // refused for another reason.
  dmarc::Policy applied = dmarc::Policy::kNone;
  // Why that is not what was published. MakeFact adds a reason where RFC 9990 asks
  // for one and none is given.
  std::vector<OverrideReason> reasons;
  std::optional<std::string> envelope_to;  // a domain
};

// MakeFact is the fact of a message that came at |now| (Unix seconds); nullopt when a
// report has no row for it: no DMARC policy applies or could be found, From does not
// name one domain, or the client's address is not known.
std::optional<Fact> MakeFact(const auth::Report& report, const auth::Envelope& envelope,
                             const Handling& handling, int64_t now);

// BoundedText is |text| as UTF-8 without controls (base/escape.h), cut between
// characters so that it has at most |max_octets|.
std::string BoundedText(std::string_view text, size_t max_octets);

// FactSink takes facts from any number of threads.
class FactSink {
 public:
  virtual ~FactSink() = default;

  // Append returns OkStatus when |fact| is kept, whatever becomes of this process.
  // ResourceExhausted: a limit of ours, or a full disk. Unavailable: the disk failed.
  // FailedPrecondition: after Stop.
  virtual absl::Status Append(const Fact& fact) = 0;
};

// Implementation.

constexpr std::string_view DispositionName(Disposition disposition) {
  switch (disposition) {
    case Disposition::kNone:
      return "none";
    case Disposition::kPass:
      return "pass";
    case Disposition::kQuarantine:
      return "quarantine";
    case Disposition::kReject:
      return "reject";
  }
  return "none";
}

constexpr std::string_view OverrideTypeName(OverrideType type) {
  switch (type) {
    case OverrideType::kLocalPolicy:
      return "local_policy";
    case OverrideType::kMailingList:
      return "mailing_list";
    case OverrideType::kOther:
      return "other";
    case OverrideType::kPolicyTestMode:
      return "policy_test_mode";
    case OverrideType::kTrustedForwarder:
      return "trusted_forwarder";
  }
  return "other";
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_FACT_H_
