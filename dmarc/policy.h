// ChoosePolicy: which policy a record asks for. RFC 9989 §4.7, §4.10.1
#ifndef POSTSEAL_DMARC_POLICY_H_
#define POSTSEAL_DMARC_POLICY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "dmarc/options.h"
#include "dmarc/record.h"

namespace postseal::dmarc {

// PolicySource is whose record applies, in order of preference. RFC 9989 §4.10.1 ¶1
enum class PolicySource : uint8_t { kAuthorDomain, kOrgDomain, kPublicSuffix };

constexpr std::string_view PolicySourceName(PolicySource source) {
  switch (source) {
    case PolicySource::kAuthorDomain:
      return "author-domain";
    case PolicySource::kOrgDomain:
      return "organizational-domain";
    case PolicySource::kPublicSuffix:
      return "public-suffix";
  }
  return "";
}

// Existence is what is known of the Author Domain itself. RFC 9989 §3.2.13
enum class Existence : uint8_t {
  kNotAsked,  // it makes no difference
  kExists,
  kDoesNotExist,  // NXDOMAIN, and nothing else
  kUnknown,       // the lookup failed
};

constexpr std::string_view ExistenceName(Existence existence) {
  switch (existence) {
    case Existence::kNotAsked:
      return "not-asked";
    case Existence::kExists:
      return "exists";
    case Existence::kDoesNotExist:
      return "does-not-exist";
    case Existence::kUnknown:
      return "unknown";
  }
  return "unknown";
}

// PolicyTag is the tag that the policy comes from.
enum class PolicyTag : uint8_t {
  kP,
  kSp,
  kNp,
  kAssumed,  // p=none in place of a missing or malformed policy
};

constexpr std::string_view PolicyTagName(PolicyTag tag) {
  switch (tag) {
    case PolicyTag::kP:
      return "p";
    case PolicyTag::kSp:
      return "sp";
    case PolicyTag::kNp:
      return "np";
    case PolicyTag::kAssumed:
      return "";
  }
  return "";
}

struct ChosenPolicy {
  ChosenPolicy(Policy published_policy, PolicyTag policy_tag)
      : published(published_policy), effective(published_policy), tag(policy_tag) {}

  // What the record says for this domain, and what is left of it under t=, or under
  // pct= in the RFC 7489 mode.
  Policy published;
  Policy effective;
  PolicyTag tag;
};

// DependsOnExistence says whether np= makes a difference for the domain whose
// policy is in |record|. RFC 9989 §4.7, np
bool DependsOnExistence(const Record& record, PolicySource source);

// IsUsable says whether |record| gives a policy at all; otherwise there is no DMARC
// for the message. RFC 9989 §4.10.1, RFC 7489 §6.6.3 step 6
bool IsUsable(const Record& record, const DmarcOptions& options);

// ChoosePolicy is the policy of |record|, which is usable. A domain is taken to
// exist unless |existence| is kDoesNotExist.
ChosenPolicy ChoosePolicy(const Record& record, PolicySource source, Existence existence,
                          const DmarcOptions& options);

// OneLevelDown is |policy| under t=y (RFC 9989 §4.7), and for the messages that
// pct= leaves out (RFC 7489 §6.6.4).
constexpr Policy OneLevelDown(Policy policy) {
  return policy == Policy::kReject ? Policy::kQuarantine : Policy::kNone;
}

// Implementation.

inline bool DependsOnExistence(const Record& record, PolicySource source) {
  return source != PolicySource::kAuthorDomain && record.has_valid_policies() &&
         record.np.has_value() && *record.np != record.sp.value_or(*record.p);
}

inline bool IsUsable(const Record& record, const DmarcOptions& options) {
  return record.has_valid_policies() || !record.rua.empty() ||
         options.missing_policy == MissingPolicy::kAlwaysNone;
}

inline ChosenPolicy ChoosePolicy(const Record& record, PolicySource source, Existence existence,
                                 const DmarcOptions& options) {
  // RFC 9989 §4.10.1: "as if a record containing p=none was retrieved", which has
  // no sp= nor np= either [choice].
  ChosenPolicy chosen(Policy::kNone, PolicyTag::kAssumed);
  if (record.has_valid_policies()) {
    chosen = ChosenPolicy(*record.p, PolicyTag::kP);
    if (source != PolicySource::kAuthorDomain) {
      const bool exists = existence != Existence::kDoesNotExist;
      if (!exists && record.np.has_value()) {
        chosen = ChosenPolicy(*record.np, PolicyTag::kNp);
      } else if (record.sp.has_value()) {
        chosen = ChosenPolicy(*record.sp, PolicyTag::kSp);
      }
    }
  }
  // t= is never set in the one mode, pct= never in the other: dmarc/record.h.
  // RFC 7489 §6.6.4. "pct=0" leaves every message out, whatever is drawn.
  const bool sampled_out =
      record.pct.has_value() &&
      (*record.pct == 0 || (options.sample.has_value() && *options.sample >= *record.pct));
  if (record.test || sampled_out) chosen.effective = OneLevelDown(chosen.published);
  return chosen;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_POLICY_H_
