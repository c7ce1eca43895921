// SpfOptions and Budget: what one evaluation may cost, and what it has cost.
// RFC 7208 §4.6.4
#ifndef POSTSEAL_SPF_BUDGET_H_
#define POSTSEAL_SPF_BUDGET_H_

#include <cstddef>

#include "dns/answer.h"

namespace postseal::spf {

// kMaxTerms is the number of terms that cause lookups: include, a, mx, ptr,
// exists and redirect, over the whole evaluation; one more is permerror.
// RFC 7208 §4.6.4 ¶1
inline constexpr size_t kMaxTerms = 10;
// kMaxVoidLookups is the number of lookups of terms that may find nothing; one
// more is permerror at once. RFC 7208 §4.6.4 ¶6, §11.1
inline constexpr size_t kMaxVoidLookups = 2;
// kMaxMxNames is the number of MX records of one mx; more is permerror.
// RFC 7208 §4.6.4 ¶2
inline constexpr size_t kMaxMxNames = 10;
// kMaxPtrNames is the number of PTR records that are looked at; the rest is
// ignored. RFC 7208 §4.6.4 ¶3
inline constexpr size_t kMaxPtrNames = 10;
// kMaxQueries is the number of DNS queries of one evaluation. It is what the
// limits above add up to, so that no record that keeps to them exceeds it: the
// record, ten terms with a query and ten names each, an explanation, and %{p}
// for it.
inline constexpr size_t kMaxQueries = 1 + kMaxTerms * (1 + kMaxMxNames) + 1 + 1 + kMaxPtrNames;
// kMaxAnswersOctets bounds the answers that one evaluation reads, as dns::AnswerOctets
// counts them; more is permerror. Records that keep to the limits above read less than
// 40 KiB; without this limit a sender could have us keep 10 MiB. RFC 7208 §11.1 [choice]
inline constexpr size_t kMaxAnswersOctets = 256 * 1024;
// kMaxExplanationOctets is the longest explanation: an SMTP reply line has no
// more (RFC 5321 §4.5.3.1.5). A longer one is as none. RFC 7208 §6.2 ¶4 [choice]
inline constexpr size_t kMaxExplanationOctets = 512;

// SpfOptions are what the host may choose. The defaults are RFC 7208's.
struct SpfOptions {
  size_t max_terms = kMaxTerms;
  size_t max_void_lookups = kMaxVoidLookups;
  size_t max_mx_names = kMaxMxNames;
  size_t max_ptr_names = kMaxPtrNames;
  size_t max_queries = kMaxQueries;
  size_t max_explanation_octets = kMaxExplanationOctets;
  size_t max_answers_octets = kMaxAnswersOctets;
};

// Spent is what an evaluation has cost, the attempt that exceeded a limit not
// included.
struct Spent {
  size_t terms = 0;
  size_t void_lookups = 0;
  // Lookups asked for. Equal ones count each time, though the DNS sees one.
  size_t queries = 0;
  // Of all answers read, as dns::AnswerOctets counts them.
  size_t answers_octets = 0;
};

// Budget counts over the whole evaluation, includes and redirects too. Each Take
// says whether one more was still allowed, and counts it if so.
class Budget {
 public:
  explicit Budget(const SpfOptions* options) : options_(options) {}

  bool TakeTerm() { return Take(options_->max_terms, &spent_.terms); }
  bool TakeVoidLookup() { return Take(options_->max_void_lookups, &spent_.void_lookups); }
  bool TakeQuery() { return Take(options_->max_queries, &spent_.queries); }
  // TakeAnswer counts the octets of |answer|.
  bool TakeAnswer(const dns::Answer& answer) {
    const size_t octets = dns::AnswerOctets(answer);
    if (octets > options_->max_answers_octets - spent_.answers_octets) return false;
    spent_.answers_octets += octets;
    return true;
  }
  const Spent& spent() const { return spent_; }

 private:
  static bool Take(size_t max, size_t* count) {
    if (*count >= max) return false;
    ++*count;
    return true;
  }

  const SpfOptions* options_;
  Spent spent_;
};

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_BUDGET_H_
